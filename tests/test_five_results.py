"""The five results and the limit of three calls, from booking to the visit's status.

Laws 2 (three calls), 4 (what each word tells) and 6 (each visit gets its end).

Nobody triggers a cron here but Odoo itself, except for the sweep: deadlines are whole
minutes, so a test that needs one to pass moves it into the past (`Clinic.overdue`), as
a clock that went on would, and wakes the sweep.
"""

from agreement import disagreements, never_called

NOT_REACHED = "not_reached"
HALF_AN_HOUR = {"hours": 0.5}  # three seconds at the simulator's speed


def book(clinic, simulator, behaviour, **faults):
    """A visit of a patient who behaves so; faults concern this patient's calls only."""
    (patient,) = clinic.patients()
    number = clinic.phone_of(patient)
    simulator.set_script({number: behaviour})
    simulator.set_faults(
        {name: {"numbers": [number], **options} for name, options in faults.items()}
    )
    return clinic.book(patient_ids=[patient])[0]


def status(clinic, event):
    return clinic.delivered().visit(event)["visit_status"]


def wait_for_status(clinic, event, expected):
    clinic.wait(f"the visit is {expected}", lambda: status(clinic, event) == expected)


def let_hang_up(clinic, simulator, event, number):
    """The patient of call `number` hangs up, and its deadline passes."""

    def is_answered():
        attempt = clinic.attempt(event)
        return (attempt["number"], attempt["state"]) == (number, "answered")

    clinic.wait(f"call {number} is answered", is_answered)
    simulator.wait_idle(accepted=number)
    clinic.overdue(event)


def no_further_call(clinic, simulator, calls):
    """All crons run in full, and the simulator still knows of so many calls."""
    clinic.run("plan", "dispatch", "sweep", "plan", "dispatch")
    simulator.wait_idle(accepted=calls)
    assert len(simulator.log()) == calls
    assert disagreements(clinic, simulator) == []
    assert never_called(clinic, simulator) == []


def test_confirmed(clinic, simulator):
    event = book(clinic, simulator, "confirm")
    wait_for_status(clinic, event, "confirmed")
    no_further_call(clinic, simulator, 1)
    assert clinic.results(event) == ["confirmed"]
    assert clinic.invitation(event) == "accepted"
    reminder = clinic.reminder(event)
    assert (reminder["state"], reminder["outcome"]) == ("done", "confirmed")
    assert not reminder["needs_attention"]


def test_declined(clinic, simulator):
    event = book(clinic, simulator, "decline")
    wait_for_status(clinic, event, "cancelled")
    no_further_call(clinic, simulator, 1)
    assert clinic.results(event) == ["declined"]
    assert clinic.invitation(event) == "declined"
    visit = clinic.visit(event)
    assert visit["active"] and visit["show_as"] == "free"
    assert clinic.reminder(event)["needs_attention"]


def test_operator(clinic, simulator):
    event = book(clinic, simulator, "another_time")
    wait_for_status(clinic, event, "reschedule")
    no_further_call(clinic, simulator, 1)
    assert clinic.results(event) == ["operator"]
    assert clinic.to_dos(event) == 1
    assert clinic.reminder(event)["needs_attention"]


def test_hung_up_three_times(clinic, simulator):
    event = book(clinic, simulator, "hang_up")
    for number in (1, 2, 3):
        let_hang_up(clinic, simulator, event, number)
    wait_for_status(clinic, event, "not_confirmed")
    no_further_call(clinic, simulator, 3)
    assert clinic.results(event) == ["hung_up"] * 3
    visit, reminder = clinic.visit(event), clinic.reminder(event)
    assert visit["active"] and visit["show_as"] == "busy"
    assert visit["visit_status_code"] == NOT_REACHED
    assert (reminder["state"], reminder["outcome"]) == ("done", "not_reached")
    assert reminder["needs_attention"]


def test_not_reached_three_times(clinic, simulator):
    event = book(clinic, simulator, ["busy", "machine", "no_answer"])
    wait_for_status(clinic, event, "not_confirmed")
    no_further_call(clinic, simulator, 3)
    assert clinic.results(event) == ["no_answer", "machine", "no_answer"]
    assert clinic.visit(event)["visit_status_code"] == NOT_REACHED


def test_not_reached_twice_then_confirmed(clinic, simulator):
    event = book(clinic, simulator, ["no_answer", "busy", "confirm"])
    wait_for_status(clinic, event, "confirmed")
    no_further_call(clinic, simulator, 3)
    assert clinic.results(event) == ["no_answer", "no_answer", "confirmed"]


def test_hung_up_then_a_late_confirmation(clinic, simulator):
    clinic.configure(reminder_pause_hung_up=60)
    late = {"which": "final", **HALF_AN_HOUR}
    event = book(clinic, simulator, "confirm", callback_late=late)
    clinic.wait(
        "the call is answered", lambda: clinic.attempt(event)["state"] == "answered"
    )
    clinic.overdue(event)
    clinic.wait("it is swept", lambda: clinic.results(event) == ["hung_up"])
    assert status(clinic, event) == "booked"
    wait_for_status(clinic, event, "confirmed")
    clinic.configure(reminder_pause_hung_up=0)
    no_further_call(clinic, simulator, 1)
    assert clinic.results(event) == ["confirmed"]


def test_swept_then_a_late_refusal(clinic, simulator):
    clinic.configure(reminder_pause_no_result=60)
    event = book(
        *(clinic, simulator, "decline"),
        callback_lost={"which": "answered"},
        callback_late={"which": "final", **HALF_AN_HOUR},
    )
    clinic.wait(
        "the call was taken", lambda: clinic.attempt(event)["state"] == "requested"
    )
    clinic.overdue(event)
    clinic.wait("it is swept", lambda: clinic.results(event) == ["no_result"])
    assert status(clinic, event) == "booked"
    wait_for_status(clinic, event, "cancelled")
    clinic.configure(reminder_pause_no_result=0)
    no_further_call(clinic, simulator, 1)
    assert clinic.results(event) == ["declined"]


def test_a_whole_day_agrees_call_for_call(clinic, simulator):
    """Sixty patients of every kind, callbacks twice and in any order."""
    simulator.set_script(default={"confirm": 5, "decline": 2, "silence": 1, "busy": 4})
    simulator.set_faults(
        {
            "callback_twice": 0.2,
            "callbacks_swapped": 0.2,
            "callback_before_reply": 0.2,
            "call_id_number": 0.2,
            "guid_left_out": 0.2,
        }
    )
    events = clinic.book(60)
    # the sweep: a callback without our guid may come while its call id is written down
    clinic.wait_waking("all have ended", lambda: clinic.all_ended(events), "sweep")
    simulator.wait_idle(accepted=60)
    assert disagreements(clinic, simulator) == []
    assert never_called(clinic, simulator) == []
    assert clinic.delivered().statuses(events) == expected_statuses(simulator)
    assert simulator.violations() == []


def expected_statuses(simulator):
    """What the patients' last words imply for their visits."""
    implied = {"confirmed": "confirmed", "declined": "cancelled"}
    implied["operator"] = "reschedule"
    last = {call["number"]: call["outcome"] for call in simulator.log()}
    found = {}
    for outcome in last.values():
        status = implied.get(outcome, "not_confirmed")
        found[status] = found.get(status, 0) + 1
    return found
