import {radioField, RadioField} from "@web/views/fields/radio/radio_field";
import {PATIENT_CONTEXT} from "./patient_entry";
import {registry} from "@web/core/registry";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {useService} from "@web/core/utils/hooks";
import {useState} from "@odoo/owl";

/** Which of those known already it is, each with the number. */
export class SamePatientField extends RadioField {
    setup() {
        this.id = `same_patient_${this.props.record.id}`;
        this.type = "many2one";
        this.known = useState({items: []});
        const orm = useService("orm");
        useRecordObserver(async (record) => {
            const ids = [...record.data.same_ids.currentIds];
            const patients = ids.length
                ? await orm.read("res.partner", ids, ["display_name"], {
                      context: PATIENT_CONTEXT,
                  })
                : [];
            this.known.items = patients.map((patient) => [
                patient.id,
                patient.display_name.replace("\n", ", "),
            ]);
        });
    }

    get items() {
        return this.known.items;
    }
}

registry.category("fields").add("clinic_same_patient", {
    ...radioField,
    component: SamePatientField,
    supportedTypes: ["many2one"],
});
