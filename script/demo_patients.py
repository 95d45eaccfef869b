"""The simulated patients' script: who does what, and what must come of it.

The numbers are those of the addon's demo data. Independent of the addon's code, so
that `script/demo --check` can judge by it.
"""

MOST_CALLS = 3

# What each patient does, call by call; the last one repeats.
ANSWERS = {
    # tomorrow
    "12025550100": ["confirm"],
    "12025550101": ["hang_up", "hang_up", "hang_up"],
    "12025550102": ["no_answer", "no_answer", "confirm"],
    "12025550103": ["decline"],
    "12025550104": ["confirm"],
    "12025550105": ["another_time"],
    "12025550106": ["confirm"],
    "12025550107": ["confirm"],
    "12025550110": ["hang_up", "confirm"],
    "12025550111": ["machine", "confirm"],
    "12025550112": ["busy", "decline"],
    "12025550113": ["operator"],
    "12025550114": ["silence"],
    "12025550115": ["no_then_silence"],
    "12025550116": ["confirm"],
    "12025550117": ["confirm"],
    "12025550119": ["no_answer", "no_answer", "no_answer"],
    "12025550120": ["machine", "machine", "machine"],
    "12025550121": ["confirm"],
    # the day after
    "12025550122": ["confirm"],
    "12025550123": ["decline"],
    "12025550124": ["no_answer", "confirm"],
    "12025550125": ["confirm"],
    "12025550126": ["busy", "no_answer", "operator"],
    "12025550127": ["confirm"],
    "12025550128": ["no_then_hang_up", "confirm"],
    "12025550129": ["decline"],
    "12025550130": ["confirm"],
    "12025550131": ["machine", "no_answer", "confirm"],
}
# Whom nobody may or can call, and the reason the reminder must give.
NOT_CALLED = {
    "patient_ezhevikin": "no_phone",
    "patient_krapivina": "bad_phone",
    "patient_myatlikov": "do_not_call",
    "patient_vasilkov": "refused",
}
# What a good line does to one clinic or another: none of it may change a result.
FAULTS = {
    "callback_twice": {"numbers": ["12025550104"]},
    "callback_before_reply": {"numbers": ["12025550106"]},
    "call_id_number": {"numbers": ["12025550107"]},
    "guid_left_out": {"numbers": ["12025550121"]},
    "callbacks_swapped": {"numbers": ["12025550123"]},
    "empty_body": {"numbers": ["12025550125"]},
}
# The behaviours that decide, and what they decide.
OUTCOMES = {
    "confirm": "confirmed",
    "decline": "declined",
    "another_time": "operator",
    "operator": "operator",
    "silence": "operator",
    "no_then_silence": "operator",
}
VISIT_STATUSES = {
    "confirmed": "confirmed",
    "declined": "cancelled",
    "operator": "reschedule",
    "not_reached": "not_confirmed",
}


def story(number):
    """What happens when this number is called about one visit.

    :return: the behaviours, one for each call, and the outcome
    """
    answers = ANSWERS[number]
    calls = []
    while len(calls) < MOST_CALLS:
        calls.append(answers[min(len(calls), len(answers) - 1)])
        if calls[-1] in OUTCOMES:
            return calls, OUTCOMES[calls[-1]]
    return calls, "not_reached"
