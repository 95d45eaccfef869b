import {Component, useRef, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useAutofocus, useService} from "@web/core/utils/hooks";
import {usePatientEntry} from "../patient_field/patient_entry";

/**
 * Who calls back? Name or number, Enter, and the patient's card opens; several are
 * listed, and where there is none the patient can be made.
 */
export class PatientSearch extends Component {
    static template = "clinic_voicebox_reminder.PatientSearch";
    static props = {
        autofocus: {type: Boolean, optional: true},
        // Below each other, as on a page of their own, and not as a menu
        isPage: {type: Boolean, optional: true},
    };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.makePatient = usePatientEntry();
        this.input = this.props.autofocus
            ? useAutofocus({refName: "input", mobile: true})
            : useRef("input");
        this.root = useRef("root");
        this.state = useState({text: "", asked: "", patients: null, isBusy: false});
    }

    get label() {
        return _t("Patient's name or phone");
    }

    get createLabel() {
        return _t("Make a patient of “%s”", this.state.asked);
    }

    async search() {
        const text = this.state.text.trim();
        if (!text || this.state.isBusy) {
            return;
        }
        Object.assign(this.state, {isBusy: true, patients: null});
        try {
            const patients = await this.orm.call(
                "res.partner",
                "reminder_find_patients",
                [text]
            );
            Object.assign(this.state, {asked: text, patients});
        } finally {
            this.state.isBusy = false;
        }
        if (this.state.patients.length === 1) {
            await this.open(this.state.patients[0].id);
        }
    }

    async open(patientId) {
        this.close();
        await this.action.doAction("clinic_voicebox_reminder.res_partner_action_card", {
            props: {resId: patientId},
        });
    }

    async make() {
        await this.makePatient(this.state.asked, (patient) => this.open(patient.id));
    }

    close() {
        this.state.patients = null;
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            this.search();
        } else if (ev.key === "Escape") {
            this.close();
        } else if (ev.key === "ArrowDown" && this.state.patients) {
            ev.preventDefault();
            this.focusRow(0);
        }
    }

    onRowKeydown(ev, index) {
        const step = {ArrowDown: 1, ArrowUp: -1}[ev.key];
        if (step) {
            ev.preventDefault();
            this.focusRow(index + step);
        } else if (ev.key === "Escape") {
            this.close();
            this.input.el.focus();
        }
    }

    focusRow(index) {
        const rows = this.root.el.querySelectorAll(".o_patient_row");
        (rows[index] || this.input.el).focus();
    }

    onFocusout(ev) {
        if (!this.props.isPage && !this.root.el.contains(ev.relatedTarget)) {
            this.close();
        }
    }
}

export class PatientSearchPage extends Component {
    static template = "clinic_voicebox_reminder.PatientSearchPage";
    static components = {PatientSearch};
    static props = {...standardActionServiceProps};
}

registry.category("actions").add("clinic_patient_search", PatientSearchPage);
