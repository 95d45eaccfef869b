import {onMounted, onWillUnmount} from "@odoo/owl";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {ReminderListRenderer} from "../calling_notice/calling_notice";
import {asksFirst} from "./ask_first";
import {browser} from "@web/core/browser/browser";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {liveRows} from "../live/live_controllers";
import {registry} from "@web/core/registry";

const MINUTE = 60000;

/** Rows that come back by themselves: those that were put off. */
const comingBack = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            let timer = null;
            onMounted(() => {
                timer = browser.setInterval(() => this.look(), MINUTE);
            });
            onWillUnmount(() => browser.clearInterval(timer));
        }

        look() {
            return document.hidden ? null : this.catchUp();
        }
    };

const views = registry.category("views");
views.add("clinic_work_list", {
    ...listView,
    Controller: comingBack(asksFirst(liveRows(ListController))),
    Renderer: ReminderListRenderer,
});
views.add("clinic_work_kanban", {
    ...kanbanView,
    Controller: comingBack(liveRows(KanbanController)),
});
