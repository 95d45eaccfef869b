from . import calendar_event, probe_patient
