import {Component, onWillStart, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {useService} from "@web/core/utils/hooks";

const FORMAT = {
    weekday: "short",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
};

/** The next free times for a visit; a click on one books it. */
export class RebookDialog extends Component {
    static template = "clinic_voicebox_reminder.RebookDialog";
    static components = {Dialog};
    static props = {
        book: Function,
        close: Function,
        patient: String,
        reminderId: Number,
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({free: {same: [], others: []}, isBooking: false});
        onWillStart(() => this.load(false));
    }

    get groups() {
        const {same, others} = this.state.free;
        return [
            {key: "same", name: _t("With the same specialist"), times: same},
            {key: "others", name: _t("With others of this specialty"), times: others},
        ].filter(({times}) => times.length);
    }

    async load(after) {
        this.state.free = await this.orm.call(
            "clinic.reminder.call",
            "get_free_times",
            [[this.props.reminderId], after]
        );
    }

    loadLater() {
        const {same, others} = this.state.free;
        const last = (same.length ? same : others).at(-1);
        return this.load(last.start);
    }

    when({start}) {
        return deserializeDateTime(start).toLocaleString(FORMAT);
    }

    async book(time) {
        this.state.isBooking = true;
        try {
            await this.props.book(time);
            this.props.close();
        } finally {
            this.state.isBooking = false;
        }
    }
}
