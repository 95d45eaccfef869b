"""Markdown into reStructuredText: as much as an addon's `readme/` fragments need.

Headings, paragraphs, lists, tables, code, images, emphasis and links; anything else is
an error rather than a guess.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

UNDERLINES = {2: "-", 3: "~"}  # a fragment stands below a title with "="
SPECIAL = re.compile(r"([\\*`|])|(?<=\w)(_)(?!\w)")


def parser():
    return MarkdownIt("commonmark").enable("table")


def from_markdown(text):
    return blocks(SyntaxTreeNode(parser().parse(text)))


def blocks(node):
    return "\n\n".join(block(child) for child in node.children)


def block(node):
    try:
        return BLOCKS[node.type](node)
    except KeyError:
        raise ValueError(f"Not for a README: {node.type}") from None


def heading(node):
    title = inlines(node)
    return f"{title}\n{UNDERLINES[int(node.tag[1])] * len(title)}"


def paragraph(node):
    (content,) = node.children
    if [child.type for child in content.children] == ["image"]:
        return figure(content.children[0])
    return inlines(node)


def figure(image):
    path = image.attrs["src"].removeprefix("../")
    return f".. figure:: {path}\n   :alt: {image.content}\n\n   {image.content}"


def bullet_list(node):
    return "\n".join(hung("-", blocks(item)) for item in node.children)


def ordered_list(node):
    items = enumerate(node.children, 1)
    return "\n".join(hung(f"{number}.", blocks(item)) for number, item in items)


def hung(mark, text):
    """A text behind a mark, its further lines below its first."""
    return f"{mark} " + indented(text, len(mark) + 1).lstrip()


def indented(text, width):
    return re.sub(r"^(?=.)", " " * width, text, flags=re.MULTILINE)


def fence(node):
    kind = node.info.strip()
    directive = f".. code-block:: {kind}" if kind else "::"
    return f"{directive}\n\n{indented(node.content.rstrip(), 3)}"


def table(node):
    rows = [row for part in node.children for row in part.children]
    cells = ["\n".join(hung("-", inlines(c)) for c in row.children) for row in rows]
    lines = indented("\n".join(hung("*", text) for text in cells), 3)
    return f".. list-table::\n   :header-rows: 1\n\n{lines}"


def inlines(node):
    (content,) = node.children
    return "".join(map(inline, content.children))


def inline(node):
    try:
        return INLINES[node.type](node)
    except KeyError:
        raise ValueError(f"Not for a README: {node.type}") from None


def escaped(node):
    return SPECIAL.sub(r"\\\1\2", node.content)


def within(node):
    return "".join(map(inline, node.children))


BLOCKS = {
    "heading": heading,
    "paragraph": paragraph,
    "bullet_list": bullet_list,
    "ordered_list": ordered_list,
    "fence": fence,
    "table": table,
}
INLINES = {
    "text": escaped,
    "softbreak": lambda node: "\n",
    "strong": lambda node: f"**{within(node)}**",
    "em": lambda node: f"*{within(node)}*",
    "code_inline": lambda node: f"``{node.content}``",
    "link": lambda node: f"`{within(node)} <{node.attrs['href']}>`__",
}
