"""Which visits are spoken of in one call, and which of them leads it.

The planner links reminders by it, and every verdict follows it: the sentence tells the
call that is really made.
"""

from ..models import question
from ..tools import calling_hours

NEW = float("inf")  # the id of a reminder that no plan has made yet


def key(company, patient, start):
    """Visits with one key are spoken of in one call: those of a day, or of a minute."""
    when = start
    if company.reminder_one_call_a_day:
        when = calling_hours.to_local(start, company._reminder_zone()).date()
    return company, patient, when


def key_of(reminder):
    return key(reminder.company_id, reminder.patient_id, reminder.visit_start)


def rank(company, start, calls=0, is_calling=False, id_=NEW):
    """The lowest leads.

    That is the one on a call; else the one whose call can wait least, so that the
    others are not called too late; else the one with the most calls, whose pause the
    patient has been promised; else the earliest.
    """
    return not is_calling, company._reminder_last_call(start), -calls, start, id_


def rank_of(reminder):
    return rank(
        reminder.company_id,
        reminder.visit_start,
        reminder.attempt_count,
        reminder.state == "calling",
        reminder.id,
    )


def leader(facts, open_ones):
    """The planned reminder whose call will speak of a visit too.

    :param open_ones: the patient's open reminders
    :return: none where the visit has a call to itself, leads, or is just spoken of
    """
    event, company = facts.event, facts.company
    own = open_ones.filtered(lambda r: r.event_id == event)[:1]
    if open_ones == own:
        return own.browse()
    mine = key(company, facts.patient, event.start)
    others = (open_ones - own).filtered(lambda r: key_of(r) == mine)
    first = min(filter(question.stands, others), key=rank_of, default=own.browse())
    own_rank = rank_of(own) if own else rank(company, event.start)
    follows = first.state == "planned" and rank_of(first) < own_rank
    return first if follows else own.browse()
