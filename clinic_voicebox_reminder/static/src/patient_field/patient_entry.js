import {FormViewDialog} from "@web/views/view_dialogs/form_view_dialog";
import {_t} from "@web/core/l10n/translation";
import {useOwnedDialogs, useService} from "@web/core/utils/hooks";

const ENTRY = "clinic.reminder.patient.entry";
// Our fields of patients find them by name and number, and show both.
export const PATIENT_CONTEXT = {clinic_patient: true};

/**
 * Makes a patient of what somebody typed: at once where name and number are plain, else
 * in a small form that tells what is to be looked at.
 *
 * @returns {Function} (text, onMade) => Promise; onMade gets {id, display_name}
 */
export function usePatientEntry() {
    const orm = useService("orm");
    const addDialog = useOwnedDialogs();

    async function tell(patientId, onMade) {
        const [patient] = await orm.read("res.partner", [patientId], ["display_name"], {
            context: PATIENT_CONTEXT,
        });
        await onMade(patient);
    }

    async function keep(record, onMade) {
        if (!(await record.save({reload: false}))) {
            return false;
        }
        await orm.call(ENTRY, "action_keep", [[record.resId]]);
        const [entry] = await orm.read(ENTRY, [record.resId], ["patient_id"]);
        await tell(entry.patient_id[0], onMade);
        return true;
    }

    return async function makePatient(text, onMade) {
        const made = await orm.call(ENTRY, "make_from", [text]);
        if (made) {
            return tell(made, onMade);
        }
        addDialog(FormViewDialog, {
            resModel: ENTRY,
            title: _t("New Patient"),
            context: {clinic_patient_text: text},
            canExpand: false,
            size: "md",
            onRecordSave: (record) => keep(record, onMade),
        });
    };
}
