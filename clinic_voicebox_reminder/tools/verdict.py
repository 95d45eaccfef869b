"""The answer to "may this visit be called, when, and if not, why"."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime


@dataclass(frozen=True)
class Verdict:
    """One decision, and all that the sentence about it needs.

    `kind` is "call" (at `moment`, naive UTC, or at once when that has come), "hold"
    (would be called at `moment`, but calling is off for `reason`) or "never" (not
    called, for `reason`). The reason of a call is what it waits for: "phone_busy", as
    the number is on another call, or "paused", as Voicebox takes none. `day` is the
    date from which a muted patient is called again. `results` are what the calls came
    to, the last one last.

    `until` is when time alone may make another verdict of it (naive UTC; None: never),
    so that nobody has to ask again before.
    """

    kind: str
    reason: str = ""
    moment: datetime | None = None
    calls: int = 0
    results: tuple = ()
    hours: int = 0
    day: date | None = None
    until: datetime | None = field(default=None, compare=False)

    @property
    def last_result(self):
        return self.results[-1] if self.results else ""

    @classmethod
    def never(cls, reason, **details):
        return cls("never", reason, **details)

    def told_with(self, lead):
        """The same, spoken of in the call that the verdict `lead` is about."""
        if "never" in (self.kind, lead.kind):
            return self
        ends = [verdict.until for verdict in (self, lead) if verdict.until]
        return replace(self, moment=lead.moment, until=min(ends, default=None))

    def is_due(self, now: datetime) -> bool:
        return self.kind == "call" and self.moment <= now
