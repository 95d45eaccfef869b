import {CalendarListView} from "@calendar/views/list_view/calendar_list_view";
import {ReminderListRenderer} from "../calling_notice/calling_notice";
import {useEarlyEndQuestion} from "./early_end";

const ENDS = ["action_visit_done", "action_visit_no_show"];

export class VisitListRenderer extends ReminderListRenderer {
    static onWideOnly = ["reminder_explanation"];
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
