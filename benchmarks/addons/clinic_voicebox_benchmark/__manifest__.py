{
    "name": "Benchmark: The Opponents' Side",
    "summary": "For script/benchmark only: never install it on a clinic's database",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Clinic Voicebox Reminder contributors",
    "license": "LGPL-3",
    "depends": ["clinic_voicebox_reminder", "queue_job", "sms_twilio"],
}
