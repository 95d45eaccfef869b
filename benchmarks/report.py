"""Rows of figures, and the table they make."""

import dataclasses
import json
import os
import platform
import time
from statistics import median

import ground
import odoo_runner
import postgres

FOLDER = ground.LOCAL / "benchmarks"
HEADINGS = ("work", "measured", "unit", "opponent", "its figure", "ratio", "floor")


@dataclasses.dataclass
class Row:
    """One figure, the median of its rounds.

    The ratio is by how much it is better than the opponent's, pair by pair of rounds;
    without an opponent there is none. ``floor`` is for the ratio where there is one,
    ``at_most`` for the figure itself.
    """

    work: str
    rounds: list
    unit: str
    opponent: str = ""
    beside: list = dataclasses.field(default_factory=list)
    floor: float | None = None
    at_most: float | None = None
    less_is_better: bool = False

    @property
    def figure(self):
        return median(self.rounds)

    @property
    def ratio(self):
        if not self.beside:
            return None
        pairs = zip(self.rounds, self.beside, strict=True)
        ratios = [ours / theirs for ours, theirs in pairs]
        return median(1 / r if self.less_is_better else r for r in ratios)

    @property
    def misses_its_floor(self):
        too_slow = self.floor is not None and self.ratio < self.floor
        return too_slow or (self.at_most is not None and self.figure > self.at_most)

    def as_dict(self):
        return {
            **dataclasses.asdict(self),
            "figure": self.figure,
            "ratio": self.ratio,
            "misses_its_floor": self.misses_its_floor,
        }

    def cells(self):
        theirs = _short(median(self.beside)) if self.beside else ""
        ratio = f"{self.ratio:.2f} x" if self.beside else ""
        floor = f">= {self.floor:g} x" if self.floor is not None else ""
        floor = f"<= {self.at_most:g}" if self.at_most is not None else floor
        missed = " MISSED" * self.misses_its_floor
        figures = (_short(self.figure), self.unit, self.opponent, theirs, ratio)
        return (self.work, *figures, floor + missed)


def text(rows, size):
    """The table, with the machine and the versions in its head."""
    table = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in table
    ]
    rule = "  ".join("-" * width for width in widths)
    head = "; ".join(f"{name} {value}" for name, value in machine(size).items())
    return "\n".join([head, "", lines[0], rule, *lines[1:]])


def write(rows, size):
    """Keep the figures as JSON; the path."""
    FOLDER.mkdir(exist_ok=True)
    figures = {"machine": machine(size), "rows": [row.as_dict() for row in rows]}
    path = FOLDER / f"{time.strftime('%Y-%m-%dT%H-%M-%S')}.json"
    path.write_text(json.dumps(figures, indent=2, ensure_ascii=False))
    return path


def machine(size):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": time.strftime("%Y-%m-%d"),
        "size": size,
        "cores": len(os.sched_getaffinity(0)),
        "load": f"{os.getloadavg()[0]:.1f}",
        "memory": f"{memory:.0f} GiB",
        "Python": platform.python_version(),
        "Odoo": odoo_runner.odoo_tree()["version"],
        "PostgreSQL": postgres.run_sql("SHOW server_version")[0][0],
    }


def _short(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"
