"""A colour means the same everywhere: green has confirmed, red needs a person."""

from itertools import product

from lxml import etree

from odoo.tests import TransactionCase, tagged
from odoo.tools.safe_eval import safe_eval

from ..tools.vocabulary import COLORS, OUTCOMES, RESULTS, STATUSES

STATUS = {
    "booked": "info",
    "confirmed": "success",
    "not_confirmed": "info",
    "reschedule": "danger",
    "cancelled": "warning",
    "done": "muted",
    "no_show": "muted",
}
ANSWER = {
    "confirmed": "success",
    "declined": "warning",
    "operator": "danger",
    "not_reached": "info",
}
RESULT = {
    **{code: "info" for code in ("hung_up", "no_answer", "machine", "no_result")},
    **{code: ANSWER[code] for code in ("confirmed", "declined", "operator")},
    "rejected": "danger",
}
MEANINGS = {
    "visit_status": STATUS,
    "outcome": ANSWER,
    "answer": ANSWER,
    "result": RESULT,
}
# Odoo's indexes of colours: red, orange, blue, dark blue, green
CALENDAR = {"danger": {1}, "warning": {2}, "info": {4, 8}, "success": {10}}
PREFIX = "decoration-"
NO_TONES = {"bf", "it"}
LABEL = "label_selection"


@tagged("post_install", "-at_install")
class TestColours(TransactionCase):
    def views(self):
        known = self.env["ir.model.data"].search(
            [("module", "=", "clinic_voicebox_reminder"), ("model", "=", "ir.ui.view")]
        )
        return self.env["ir.ui.view"].browse(known.mapped("res_id"))

    def fields(self, widget):
        """(view, name, node) of the coloured fields that have such a widget."""
        for view, name in product(self.views(), MEANINGS):
            path = f"//field[@name='{name}' and @widget='{widget}']"
            for node in etree.fromstring(view.arch_db).xpath(path):
                yield view.xml_id, name, node

    def test_badges(self):
        found = [one for one in self.fields("badge") if tones(one[-1])]
        self.assertGreater(len(found), 8)
        for view, name, node in found:
            for code, tone in MEANINGS[name].items():
                with self.subTest(view=view, field=name, code=code):
                    worn = [
                        t for t, when in tones(node) if safe_eval(when, {name: code})
                    ]
                    self.assertEqual(worn, [tone])

    def test_labels(self):
        """A card's, whose widget calls the muted colour its default."""
        found = list(self.fields(LABEL))
        self.assertTrue(found)
        for view, name, node in found:
            classes = safe_eval(node.get("options"))["classes"]
            for code, tone in MEANINGS[name].items():
                with self.subTest(view=view, field=name, code=code):
                    wanted = "default" if tone == "muted" else tone
                    self.assertEqual(classes.get(code, "default"), wanted)

    def test_every_word_has_a_colour(self):
        self.assertEqual(set(STATUS), {row.code for row in STATUSES})
        self.assertEqual(set(ANSWER), {row.code for row in OUTCOMES})
        self.assertEqual(set(RESULT), {row.code for row in RESULTS})

    def test_the_calendar(self):
        known = set().union(*CALENDAR.values())
        for code, color in COLORS.items():
            with self.subTest(code):
                meant = CALENDAR.get(STATUS[code])
                if meant:
                    self.assertIn(color, meant)
                else:
                    self.assertNotIn(color, known)


def tones(node):
    return [
        (name.removeprefix(PREFIX), when)
        for name, when in node.items()
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in NO_TONES
    ]
