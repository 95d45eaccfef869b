"""Write what each addon's package is told by: its README, store page, licence; and the
guides that Odoo serves.

All of it follows from the addon's `readme/` fragments, its manifest and the
texts of the licences; `tests/test_package.py` holds it against them.
"""

import argparse
import ast
import re

from jinja2 import Environment, FileSystemLoader

import guides
import restructured
from ground import ADDONS, ROOT

FRAGMENTS = (
    "DESCRIPTION",
    "INSTALL",
    "CONFIGURE",
    "USAGE",
    "ROADMAP",
    "HISTORY",
    "CONTRIBUTORS",
)
TEMPLATES = ROOT / "script" / "templates"
LICENCES = {"LGPL-3": ROOT / "LICENSE", "AGPL-3": TEMPLATES / "LICENSE.AGPL-3"}
# what Markdown gives, and what looks well below a section's title
DRESS = (
    (r"<(/?)h3>", r"<\1h4>"),
    (r"<(/?)h2>", r"<\1h3>"),
    (r"<table>", '<table class="table">'),
    (
        r'<p><img src="\.\./static/description/(.*?)" alt="(.*?)" /></p>',
        r'<figure class="text-center my-4">'
        r'<img class="img-fluid shadow rounded" src="\1" alt="" />'
        r'<figcaption class="text-muted mt-2">\2</figcaption></figure>',
    ),
)


def package_files(addon):
    """What belongs into an addon's folder: text by path."""
    return {
        addon / "LICENSE": LICENCES[manifest_of(addon)["license"]].read_text(),
        addon / "pyproject.toml": (TEMPLATES / "pyproject.toml").read_text(),
        addon / "README.rst": page("README.rst", addon, restructured.from_markdown),
        addon / "static/description/index.html": page("index.html", addon, store_html),
    }


def page(name, addon, convert):
    """A page after its template, the fragments converted into its language."""
    manifest = manifest_of(addon)
    template = Environment(loader=FileSystemLoader(TEMPLATES)).get_template(
        f"{name}.jinja"
    )
    text = template.render(
        manifest=manifest,
        series=".".join(manifest["version"].split(".")[:2]),
        has_icon=(addon / "static/description/icon.png").exists(),
        authors=[author.strip() for author in manifest["author"].split(",")],
        fragments={key: convert(text) for key, text in fragments(addon).items()},
    )
    return text.strip() + "\n"


def manifest_of(addon):
    return ast.literal_eval((addon / "__manifest__.py").read_text())


def fragments(addon):
    paths = {name: addon / "readme" / f"{name}.md" for name in FRAGMENTS}
    return {name: path.read_text() for name, path in paths.items() if path.exists()}


def store_html(text):
    """A fragment as the app store and Odoo's own list of apps want it."""
    html = restructured.parser().render(text).strip()
    for plain, dressed in DRESS:
        html = re.sub(plain, dressed, html)
    return html


def main():
    argparse.ArgumentParser(prog="script/readme", description=__doc__).parse_args()
    for name in ADDONS:
        for path, text in package_files(ROOT / name).items():
            if not path.exists() or path.read_text() != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
                print(path.relative_to(ROOT))
    for path in guides.write_all():
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
