{
    "name": "Probe: Writes That Are Refused",
    "summary": "For the tests of Clinic Voicebox Reminder only",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Clinic Voicebox Reminder contributors",
    "license": "LGPL-3",
    "depends": ["calendar"],
}
