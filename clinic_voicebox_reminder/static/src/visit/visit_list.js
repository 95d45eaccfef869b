import {CalendarListView} from "@calendar/views/list_view/calendar_list_view";
import {ReminderListRenderer} from "../calling_notice/calling_notice";
import {useEarlyEndQuestion} from "./early_end";

const ENDS = ["action_visit_done", "action_visit_no_show"];

// Pixels; below, the sentence about calls would crowd out names and status
const NARROW = 1000;

/** Visits, as many columns as there is room for. */
export class VisitListRenderer extends ReminderListRenderer {
    getActiveColumns() {
        const columns = super.getActiveColumns(...arguments);
        return window.innerWidth < NARROW
            ? columns.filter((column) => column.name !== "reminder_explanation")
            : columns;
    }
}

/** Visits, of which several may be said to be over. */
export class VisitListController extends CalendarListView.Controller {
    setup() {
        super.setup();
        this.askEarlyEnd = useEarlyEndQuestion();
    }

    async beforeExecuteActionButton(clickParams) {
        if ((await super.beforeExecuteActionButton(clickParams)) === false) {
            return false;
        }
        const ending = ENDS.includes(clickParams.name) ? this.model.root.selection : [];
        return this.askEarlyEnd(ending.map((record) => record.data.start));
    }
}
