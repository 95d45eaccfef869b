import {CalendarListView} from "@calendar/views/list_view/calendar_list_view";
import {Component, onWillStart, useState} from "@odoo/owl";
import {ListRenderer} from "@web/views/list/list_renderer";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
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

export class ReminderListRenderer extends ListRenderer {
    static template = "clinic_voicebox_reminder.ListRenderer";
    static components = {...ListRenderer.components, CallingNotice};
}

const views = registry.category("views");
views.add("clinic_reminder_list", {...listView, Renderer: ReminderListRenderer});
views.add("clinic_visit_list", {...CalendarListView, Renderer: ReminderListRenderer});
