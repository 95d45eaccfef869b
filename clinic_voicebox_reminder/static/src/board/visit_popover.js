import {Component, onWillStart} from "@odoo/owl";
import {hoursOf, iconOf, nameOf, wordOf} from "./board_events";
import {VisitCalls} from "../visit/visit_calls";
import {useService} from "@web/core/utils/hooks";

const DETAILS = ["patient_phone", "reminder_explanation", "visit_status_reason"];

/** What there is to know about a card, and to do. */
export class VisitPopover extends Component {
    static template = "clinic_voicebox_reminder.VisitPopover";
    static components = {VisitCalls};
    static props = {
        row: Object,
        specialist: {type: Object, optional: true},
        onBook: Function,
        onDone: Function,
        onMove: Function,
        onOpen: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.details = {};
        onWillStart(() => this.isVisit && this.load());
    }

    async load() {
        const {id} = this.props.row;
        [this.details] = await this.orm.read("calendar.event", [id], DETAILS);
    }

    get isVisit() {
        return this.props.row.group !== "busy";
    }

    get canMove() {
        return this.isVisit && !["freed", "over"].includes(this.props.row.group);
    }

    get hours() {
        return hoursOf(this.props.row);
    }

    get icon() {
        return iconOf(this.props.row);
    }

    get name() {
        return nameOf(this.props.row) || this.word;
    }

    get word() {
        return wordOf(this.props.row);
    }

    choose(what) {
        this.props.close();
        this.props[what](this.props.row);
    }
}
