import {Component} from "@odoo/owl";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {NumberDialog} from "./number_dialog";
import {RebookDialog} from "./rebook_dialog";
import {_t} from "@web/core/l10n/translation";
import {askWhetherEarly} from "./ask_first";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {user} from "@web/core/user";

const MODEL = "clinic.reminder.call";
const NOTE_A_CALL = "clinic_voicebox_reminder.clinic_reminder_manual_call_action";

/** All that the front desk can do about a row of the work list, as buttons. */
export class RowActions extends Component {
    static template = "clinic_voicebox_reminder.RowActions";
    static components = {Dropdown, DropdownItem};
    static props = {...standardFieldProps, withCall: {type: Boolean, optional: true}};
    static names = {
        correct: _t("Correct the number"),
        handled: _t("Handled: off the work list"),
        note: _t("Note a call made by hand"),
        rebook: _t("Book a new time"),
        release: _t("Release for others"),
        robot: _t("Let the robot call again"),
        snooze: _t("Put off"),
        take: _t("I take this"),
    };

    setup() {
        // News may replace the row while a dialog of it is open: what the dialog asks
        // for is done all the same, which the services of a component would not do
        const {action, dialog, orm} = this.env.services;
        Object.assign(this, {action, dialog, orm});
        this.pauses = [
            {minutes: 15, name: _t("15 minutes")},
            {minutes: 60, name: _t("1 hour")},
            {minutes: 180, name: _t("3 hours")},
            {minutes: 24 * 60, name: _t("1 day")},
        ];
    }

    get row() {
        return this.props.record.data;
    }

    get patient() {
        return this.row.patient_id.display_name || "";
    }

    get mayRebook() {
        return this.row.event_id && this.row.attention_kind !== "number";
    }

    get mayCorrect() {
        const {attention_kind: kind, event_id: visit} = this.row;
        return visit && ["number", "not_reached"].includes(kind);
    }

    get isMine() {
        return this.row.taken_by_id.id === user.userId;
    }

    get refusal() {
        const {call_refusal: refusal, explanation} = this.row;
        return refusal !== explanation && refusal;
    }

    /** Enter is for the button: the list would open the row's record. */
    onKeydown(ev) {
        if (ev.key === "Enter") {
            ev.stopPropagation();
        }
    }

    /** A button's name for whoever hears it: which row is it about? */
    label(what) {
        return `${what}: ${this.patient}`;
    }

    async run(method, ...args) {
        const {record} = this.props;
        const said = await this.orm.call(MODEL, method, [[record.resId], ...args]);
        await this.action.doAction(said);
        await record.model.root.load();
    }

    async handle() {
        if (!this.row.is_coming || (await askWhetherEarly(this.dialog))) {
            await this.run("action_done_by_staff");
        }
    }

    rebook() {
        this.dialog.add(RebookDialog, {
            patient: this.patient,
            resModel: MODEL,
            resId: this.props.record.resId,
            book: ({start, specialist_id: specialist}) =>
                this.run("action_rebook", start, specialist),
        });
    }

    correct() {
        this.dialog.add(NumberDialog, {
            patient: this.patient,
            written: this.row.written_phone || "",
            save: (number) => this.run("action_correct_number", number),
        });
    }

    note() {
        const {record} = this.props;
        return this.action.doAction(NOTE_A_CALL, {
            additionalContext: {default_reminder_id: record.resId},
            onClose: () => record.model.root.load(),
        });
    }
}

const CHAR = {type: "char"};
const TO_ONE = (relation) => ({type: "many2one", relation});
registry.category("fields").add("clinic_row_actions", {
    component: RowActions,
    supportedTypes: ["char"],
    isEmpty: () => false,
    extractProps: ({options}) => ({withCall: Boolean(options.with_call)}),
    fieldDependencies: [
        {name: "attention_kind", type: "selection"},
        {name: "event_id", ...TO_ONE("calendar.event")},
        {name: "explanation", ...CHAR},
        {name: "is_coming", type: "boolean"},
        {name: "may_call_now", type: "boolean"},
        {name: "patient_id", ...TO_ONE("res.partner")},
        {name: "phone", ...CHAR},
        {name: "phone_shown", ...CHAR},
        {name: "taken_by_id", ...TO_ONE("res.users")},
        {name: "written_phone", ...CHAR},
    ],
});
