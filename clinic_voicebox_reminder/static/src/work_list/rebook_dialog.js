import {onWillStart, useState} from "@odoo/owl";
import {RowDialog} from "./row_dialog";
import {_t} from "@web/core/l10n/translation";
import {deserializeDateTime} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

const FORMAT = {
    weekday: "short",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
};

/** The next free times for a visit; a click on one books it. */
export class RebookDialog extends RowDialog {
    static template = "clinic_voicebox_reminder.RebookDialog";
    static props = {
        ...RowDialog.props,
        book: Function,
        resModel: String,
        resId: Number,
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
        const {resModel, resId} = this.props;
        const args = [[resId], after];
        this.state.free = await this.orm.call(resModel, "get_free_times", args);
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

/** The dialog as an action of a visit, wherever its button stands. */
async function chooseTime(env, {params}) {
    const {action, dialog, orm} = env.services;
    const resModel = "calendar.event";
    const resId = params.visit_id;
    const book = async ({start, specialist_id: specialist}) => {
        const args = [[resId], start, specialist];
        await action.doAction(await orm.call(resModel, "action_rebook", args));
    };
    const [visit] = await orm.read(resModel, [resId], ["patient_id"]);
    return new Promise((resolve) => {
        const onClose = () => resolve({type: "ir.actions.act_window_close"});
        const props = {patient: visit.patient_id[1], resModel, resId, book};
        dialog.add(RebookDialog, props, {onClose});
    });
}
registry.category("actions").add("clinic_voicebox_reminder.choose_time", chooseTime);
