"""The question that a visit asks its patient: who, when, with whom.

One key for it. Two events with one key ask the same question, whatever their ids: an
edited series archives its events and makes new ones. A change of the key is a new
question, and voids the answer to the old one.
"""

from typing import Any, NamedTuple


class Question(NamedTuple):
    patient: Any
    start: Any
    specialist: Any

    @classmethod
    def of_visit(cls, event):
        return cls(event.patient_id, event.start, event.specialist_id)

    @classmethod
    def of_reminder(cls, reminder):
        return cls(reminder.patient_id, reminder.visit_start, reminder.specialist_id)

    @property
    def moment(self):
        """Patient and time: spoken of in one call, whoever the specialist is."""
        return self.patient, self.start

    @property
    def domain_of_moment(self):
        """Reminders about the moment."""
        return [("patient_id", "=", self.patient.id), ("visit_start", "=", self.start)]

    @property
    def domain(self):
        """Reminders that asked it."""
        return [*self.domain_of_moment, ("specialist_id", "=", self.specialist.id)]


def domain_of_moments(events):
    """Reminders that may be about the moments of these visits; a few too many.

    Odoo takes longer over many times one by one than over what lies between.
    """
    starts = events.filtered("start").mapped("start")
    if not starts:
        return [(0, "=", 1)]
    return [
        ("patient_id", "in", events.patient_id.ids),
        ("visit_start", ">=", min(starts)),
        ("visit_start", "<=", max(starts)),
    ]


def stands(reminder):
    """Would the visit, as it is now, still ask what the reminder asks?"""
    event = reminder.event_id.sudo()
    return (
        bool(event)
        and event.active
        and not reminder.is_void
        and Question.of_visit(event) == Question.of_reminder(reminder)
    )


def why_it_fell(reminder):
    """The skip reason of a reminder whose question does not stand."""
    event = reminder.event_id.sudo()
    if not event:
        return "deleted"
    if not event.active:
        return "archived"
    if event.patient_id != reminder.patient_id:
        return "patient_changed" if event.patient_id else "no_patient"
    if event.specialist_id != reminder.specialist_id:
        return "specialist_changed"
    return "moved"
