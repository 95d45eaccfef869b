import {Component, onWillStart, useState} from "@odoo/owl";
import {ListRenderer} from "@web/views/list/list_renderer";
import {useService} from "@web/core/utils/hooks";

/**
 * Tells above a list that calling is stopped, and why. The list does not wait for it.
 */
export class CallingNotice extends Component {
    static template = "clinic_voicebox_reminder.CallingNotice";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.state = useState({notice: ""});
        onWillStart(() => {
            this.load();
        });
    }

    async load() {
        try {
            this.state.notice = await this.orm.silent.call(
                "voicebox.channel",
                "get_calling_notice",
                []
            );
        } catch {
            // The list is of use without the notice.
            this.state.notice = "";
        }
    }
}

// Pixels; below, some columns would crowd out names and outcome
const NARROW = 1000;

/** As many columns as there is room for, below the notice. */
export class ReminderListRenderer extends ListRenderer {
    static template = "clinic_voicebox_reminder.ListRenderer";
    static components = {...ListRenderer.components, CallingNotice};
    static onWideOnly = [];

    getActiveColumns() {
        const columns = super.getActiveColumns(...arguments);
        const {onWideOnly} = this.constructor;
        return window.innerWidth < NARROW
            ? columns.filter((column) => !onWideOnly.includes(column.name))
            : columns;
    }
}

export class CallListRenderer extends ReminderListRenderer {
    static onWideOnly = ["phone_shown", "attempt_count", "explanation"];
}
