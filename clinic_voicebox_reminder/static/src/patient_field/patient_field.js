import {PATIENT_CONTEXT, usePatientEntry} from "./patient_entry";
import {computeM2OProps, Many2One} from "@web/views/fields/many2one/many2one";
import {
    buildM2OFieldDescription,
    Many2OneField,
} from "@web/views/fields/many2one/many2one_field";
import {Component, onWillStart} from "@odoo/owl";
import {Domain} from "@web/core/domain";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";

const MODULE = "clinic_voicebox_reminder";
// Of the dialog that searches for more, which is all that a phone shows
const VIEWS = {
    kanban_view_ref: `${MODULE}.res_partner_view_kanban_patient`,
    list_view_ref: `${MODULE}.res_partner_view_list_patient`,
    search_view_ref: `${MODULE}.res_partner_view_search_patient`,
};

const PATIENTS = [["is_proposed_patient", "=", true]];

/**
 * A patient: found by any spelling of the number, by name in any order, or made on the
 * spot by the front desk, who need no right to contacts for it.
 */
export class PatientField extends Component {
    static template = "clinic_voicebox_reminder.PatientField";
    static components = {Many2One};
    static props = {...Many2OneField.props};

    setup() {
        this.action = useService("action");
        this.makePatient = usePatientEntry();
        onWillStart(async () => {
            this.isFrontDesk = await user.hasGroup(`${MODULE}.group_user`);
        });
    }

    get m2oProps() {
        const props = computeM2OProps(this.props);
        const mayMake = this.isFrontDesk && !this.props.readonly;
        return {
            ...props,
            canCreate: mayMake,
            canCreateEdit: false,
            canQuickCreate: mayMake,
            context: {...props.context, ...PATIENT_CONTEXT, ...VIEWS},
            createAction: ({context}) => this.make(context.default_name, props.update),
            domain: () => Domain.and([props.domain(), PATIENTS]).toList(),
            openRecordAction: this.isFrontDesk ? () => this.openCard() : undefined,
            update: (value, options) =>
                value && !value.id
                    ? this.make(value.display_name, props.update)
                    : props.update(value, options),
        };
    }

    async make(text, update) {
        await this.makePatient(text || "", (patient) => update(patient));
    }

    openCard() {
        return this.action.doAction(`${MODULE}.res_partner_action_card`, {
            props: {resId: this.props.record.data[this.props.name].id},
        });
    }
}

registry.category("fields").add("clinic_patient", {
    ...buildM2OFieldDescription(PatientField),
});
