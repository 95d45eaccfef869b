from . import main, patient_data
