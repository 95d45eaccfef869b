"""`readme/` fragments, written in Markdown, become proper reStructuredText."""

import docutils.core
import pytest

import restructured

TEXT = """
## A *title*

A **strong** word, some `code`, a [link](https://clinic.test/a_b), 2 * 3 | 4,
and a name_ on a second line.

1. one
   - nested

2. two

![What it shows](../static/description/visit.png)

| Setting | Says |
|---|---|
| `a` | *b* |

```nginx
listen 80;
```
"""
EXPECTED = """
A *title*
---------

A **strong** word, some ``code``, a `link <https://clinic.test/a_b>`__, 2 \\* 3 \\| 4,
and a name\\_ on a second line.

1. one

   - nested
2. two

.. figure:: static/description/visit.png
   :alt: What it shows

   What it shows

.. list-table::
   :header-rows: 1

   * - Setting
     - Says
   * - ``a``
     - *b*

.. code-block:: nginx

   listen 80;
"""


def test_what_fragments_need_is_translated():
    text = restructured.from_markdown(TEXT)
    assert text == EXPECTED.strip()
    strict = {"halt_level": 2, "report_level": 2}
    document = docutils.core.publish_doctree(text, settings_overrides=strict)
    assert "and a name_ on a second line." in document.astext()


@pytest.mark.parametrize("unknown", ["> a quotation", "<b>tags</b>", "a  \nbreak"])
def test_what_is_not_known_is_no_guess(unknown):
    with pytest.raises(ValueError, match="Not for a README"):
        restructured.from_markdown(unknown)
