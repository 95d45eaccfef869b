"""The words in which results, replies, reasons, outcomes and statuses are told.

Every list of them stands here and nowhere else: models take their selections from it,
services their decisions, so that a new word is one line. Labels are English source
text; Odoo translates them as labels of the fields that show them.
"""

from typing import NamedTuple


def selection(*lists):
    """Rows of one or more lists as Odoo wants a Selection: (code, label) pairs."""
    return [(row.code, row.label) for rows in lists for row in rows]


def _codes(rows, flag):
    return tuple(row.code for row in rows if getattr(row, flag))


# === Results of a dial === #

# What a result knows; a result only gives way to one that knows more.
KNOWS_NOTHING, KNOWS_ANSWERED, KNOWS_END, KNOWS_DECISION = range(4)


class Result(NamedTuple):
    """What one dial came to. `knows` ranks it."""

    code: str
    label: str
    knows: int


ANSWERED = Result("answered", "Answered", KNOWS_ANSWERED)
# after "answered": how a dial ends
RESULTS = (
    Result("confirmed", "Confirmed", KNOWS_DECISION),
    Result("declined", "Declined", KNOWS_DECISION),
    Result("operator", "Asked for a person", KNOWS_DECISION),
    Result("hung_up", "Hung up", KNOWS_END),
    Result("no_answer", "No answer", KNOWS_END),
    Result("machine", "Answering machine", KNOWS_END),
    Result("no_result", "No result", KNOWS_END),
    Result("rejected", "Rejected by Voicebox", KNOWS_END),
)
KNOWLEDGE = {row.code: row.knows for row in (ANSWERED, *RESULTS)}
FINAL_RESULTS = tuple(row.code for row in RESULTS if row.knows == KNOWS_DECISION)
OPT_OUT = "opt_out"
# what a word of the scenario may mean
MEANINGS = [*selection([ANSWERED], RESULTS), (OPT_OUT, "Never call again")]


# === Replies to our POST === #


class ReplyKind(NamedTuple):
    """What Voicebox's reply says of one dial, and what it says of the connection.

    `is_counted`: the phone may have rung.
    """

    code: str
    label: str
    channel_label: str
    is_counted: bool


ACCEPTED = "accepted"
TROUBLES = (
    ReplyKind(
        "configuration", "Settings or credentials", "Settings or credentials", False
    ),
    ReplyKind("rejected", "Rejected by Voicebox", "Voicebox rejects every call", True),
    ReplyKind(
        "throttled", "Too many calls for Voicebox", "Too many calls for Voicebox", False
    ),
    ReplyKind("not_sent", "Voicebox not reached", "Voicebox can't be reached", False),
    ReplyKind(
        "ambiguous",
        "Unclear whether the call was placed",
        "Voicebox answers with errors",
        True,
    ),
)
TROUBLE = tuple(row.code for row in TROUBLES)
UNCOUNTED_ERRORS = tuple(row.code for row in TROUBLES if not row.is_counted)
# troubles of the connection that do not end by themselves
NEEDS_ADMINISTRATOR = ("configuration", "rejected")


def channel_selection():
    """The troubles as a reason why the connection rests."""
    return [(row.code, row.channel_label) for row in TROUBLES]


# === Why a person is needed === #


class Attention(NamedTuple):
    """A group of the front desk's work list.

    Odoo shows groups by code: the codes sort as the work is to be done.
    """

    code: str
    label: str


ATTENTIONS = (
    Attention("asks_person", "Wants a person now"),
    Attention("asks_time", "Wants another time"),
    Attention("declined", "Will not come"),
    Attention("not_reached", "Not reached"),
    Attention("number", "No usable number"),
    Attention("two_answers", "Said two things"),
    Attention("unwritten", "Not written on the visit"),
)


# === States of a reminder === #

OPEN_STATES = ("planned", "calling")


class SkipReason(NamedTuple):
    """Why a visit is not called (any more).

    `is_shown`: worth a row of its own among the reminders, not only a sentence on the
    visit. `attention`: the group of the front desk's work list it goes to, if to any.
    `is_exhaustion`: time or calls ran out: after at least one call that is an outcome,
    no skipping. `time_ran_out`: a call that was due by then has been missed.
    """

    code: str
    label: str
    is_shown: bool = False
    attention: str = ""
    is_exhaustion: bool = False
    time_ran_out: bool = False


SKIP_REASONS = (
    # the visit
    SkipReason("no_patient", "The visit has no patient"),
    SkipReason("all_day", "The visit has no time of day"),
    SkipReason(
        "past", "The visit's time has come", is_exhaustion=True, time_ran_out=True
    ),
    SkipReason(
        "today",
        "The visit is today",
        is_shown=True,
        is_exhaustion=True,
        time_ran_out=True,
    ),
    SkipReason("archived", "The visit was archived"),
    SkipReason("deleted", "The visit was deleted"),
    SkipReason("cancelled", "The visit is cancelled"),
    SkipReason("finished", "The visit is over"),
    SkipReason("confirmed", "The visit is confirmed already"),
    SkipReason("reschedule", "The visit is being rescheduled", attention="asks_time"),
    SkipReason(
        "attendee_declined",
        "The patient declined the invitation",
        is_shown=True,
        attention="declined",
    ),
    SkipReason("moved", "The visit was moved"),
    SkipReason("patient_changed", "The visit's patient changed"),
    SkipReason("specialist_changed", "The visit's specialist changed"),
    SkipReason("duplicate", "Another visit at the same time"),
    SkipReason("answered", "The patient has answered"),
    # the patient
    SkipReason("deceased", "The patient has died", is_shown=True),
    SkipReason("patient_archived", "The patient's contact is archived", is_shown=True),
    SkipReason("no_phone", "No phone number", is_shown=True, attention="number"),
    SkipReason(
        "bad_phone",
        "The phone number can't be dialled",
        is_shown=True,
        attention="number",
    ),
    SkipReason("no_consent", "No consent to calls", is_shown=True),
    SkipReason("refused", "Calls refused by the patient", is_shown=True),
    SkipReason("do_not_call", "Marked “no reminder calls”", is_shown=True),
    SkipReason("blacklisted", "Number on the phone blacklist", is_shown=True),
    SkipReason("muted", "No calls until a later date", is_shown=True),
    SkipReason(
        "capped",
        "The number was called often enough",
        is_shown=True,
        attention="not_reached",
        is_exhaustion=True,
    ),
    # the calls
    SkipReason("missed", "The call could not be made in time", attention="not_reached"),
    SkipReason("late_booking", "Booked too close to the visit", is_shown=True),
    SkipReason(
        "too_late",
        "No calling hours left before the visit",
        is_shown=True,
        attention="not_reached",
        is_exhaustion=True,
        time_ran_out=True,
    ),
    SkipReason("not_spoken_of", "The specialty is not to be spoken of", is_shown=True),
    SkipReason(
        "no_hours",
        "The calling hours are empty",
        is_shown=True,
        attention="not_reached",
        is_exhaustion=True,
    ),
    SkipReason(
        "no_common_hours",
        "It is never a calling hour on the patient's clock and the clinic's at once",
        is_shown=True,
        attention="not_reached",
        is_exhaustion=True,
    ),
    SkipReason("calls_spent", "All calls were made", is_exhaustion=True),
    SkipReason("disabled", "Calling is switched off", is_exhaustion=True),
    SkipReason("test_mode", "Test mode: not a test number", is_exhaustion=True),
    SkipReason("rejected", "Rejected by Voicebox", attention="not_reached"),
    SkipReason("reconsidered", "Rejected under other settings"),
    SkipReason("staff", "Skipped by staff"),
)
REASONS_FOR_STAFF = _codes(SKIP_REASONS, "attention")
VISIBLE_REASONS = _codes(SKIP_REASONS, "is_shown")
ATTENTION_OF_REASON = {row.code: row.attention for row in SKIP_REASONS}
REASONS_OF_EXHAUSTION = _codes(SKIP_REASONS, "is_exhaustion")
REASONS_OF_TIME = _codes(SKIP_REASONS, "time_ran_out")


# === Statuses of a visit === #


class Status(NamedTuple):
    """What is known of a visit.

    `color` is Odoo's index of a calendar colour. A call may bear on a visit only where
    `skip_reason` is empty.
    """

    code: str
    label: str
    color: int
    skip_reason: str = ""
    is_finished: bool = False


STATUSES = (
    Status("booked", "Booked", 4),
    Status("confirmed", "Confirmed", 10, "confirmed"),
    Status("not_confirmed", "Not confirmed", 8),
    Status("reschedule", "To reschedule", 1, "reschedule"),
    Status("cancelled", "Cancelled", 2, "cancelled"),
    Status("done", "Done", 7, "finished", is_finished=True),
    Status("no_show", "No-show", 9, "finished", is_finished=True),
)
COLORS = {row.code: row.color for row in STATUSES}
STATUS_REASONS = {row.code: row.skip_reason for row in STATUSES if row.skip_reason}
OPEN_STATUSES = tuple(row.code for row in STATUSES if not row.skip_reason)
FINISHED_STATUSES = _codes(STATUSES, "is_finished")
# nobody is to come any more
SILENT_STATUSES = ("cancelled", *FINISHED_STATUSES)


# === Outcomes of a reminder === #


class Outcome(NamedTuple):
    """What the patient's answer makes of the visit.

    `invitation` is the state of the patient's invitation; empty: it stays. `because` is
    the reason of the visit's status, in words. `attention` is the group of the work
    list, if a person has to see to it.
    """

    code: str
    label: str
    status: str
    invitation: str
    because: str
    attention: str = ""


OUTCOMES = (
    Outcome(
        "confirmed", "Confirmed", "confirmed", "accepted", "reminder call: confirmed"
    ),
    Outcome(
        "declined",
        "Declined",
        "cancelled",
        "declined",
        "reminder call: declined",
        "declined",
    ),
    Outcome(
        "operator",
        "Asked for a person",
        "reschedule",
        "",
        "reminder call: asked for a person",
        "asks_person",
    ),
    Outcome(
        "not_reached",
        "Not reached",
        "not_confirmed",
        "",
        "reminder call: not reached",
        "not_reached",
    ),
)
OUTCOME = {row.code: row for row in OUTCOMES}
BY_STAFF = "called_by_staff"
# what a confirmation says that was given on the phone
BY_PHONE = (OUTCOME["confirmed"].code, BY_STAFF)
# why a visit has its status
STATUS_CODES = [
    *((row.code, row.because) for row in OUTCOMES),
    (BY_STAFF, "called by staff"),
]


class ManualResult(NamedTuple):
    """What a person heard who called; `outcome` is the robot's word for the same."""

    code: str
    label: str
    outcome: str


MANUAL_RESULTS = (
    ManualResult("confirmed", "Will come", "confirmed"),
    ManualResult("declined", "Will not come", "declined"),
    ManualResult("reschedule", "Wants another time", "operator"),
    ManualResult("not_reached", "Not reached", "not_reached"),
)
