import {Component, onWillStart} from "@odoo/owl";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";

const ADDON = "clinic_voicebox_reminder";
const OPEN = ["booked", "not_confirmed"];
const FIELDS = ["call_refusal", "may_call_now", "patient_id", "visit_status"];

/** What can be done about a visit's call, as buttons of whatever pops up for it. */
export class VisitCalls extends Component {
    static template = "clinic_voicebox_reminder.VisitCalls";
    static props = {visitId: Number, close: Function, onDone: Function};

    setup() {
        this.orm = useService("orm");
        this.visit = {};
        onWillStart(() => this.load());
    }

    async load() {
        if (await user.hasGroup(`${ADDON}.group_user`)) {
            const ids = [this.props.visitId];
            [this.visit] = await this.orm.read("calendar.event", ids, FIELDS);
        }
    }

    get mayNote() {
        const {patient_id: patient, visit_status: status} = this.visit;
        return patient && !["done", "no_show", "cancelled"].includes(status);
    }

    get refusal() {
        return OPEN.includes(this.visit.visit_status) && this.visit.call_refusal;
    }

    /** The popover goes first: what follows is about the page below. */
    async callNow() {
        const {visitId, close, onDone} = this.props;
        const {action, orm} = this.env.services;
        close();
        const args = [[visitId]];
        const said = await orm.call("calendar.event", "action_reminder_call_now", args);
        await action.doAction(said);
        onDone();
    }

    noteCall() {
        const {visitId, close, onDone} = this.props;
        const {action} = this.env.services;
        close();
        return action.doAction(`${ADDON}.clinic_reminder_manual_call_action`, {
            additionalContext: {default_event_id: visitId},
            onClose: onDone,
        });
    }
}
