import {CalendarListView} from "@calendar/views/list_view/calendar_list_view";
import {FormController} from "@web/views/form/form_controller";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {CallListRenderer} from "../calling_notice/calling_notice";
import {asksFirst} from "../work_list/ask_first";
import {calendarView} from "@web/views/calendar/calendar_view";
import {formView} from "@web/views/form/form_view";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {
    VisitCalendarController,
    VisitCalendarModel,
    VisitCalendarRenderer,
} from "../visit/visit_calendar";
import {VisitListController, VisitListRenderer} from "../visit/visit_list";
import {listView} from "@web/views/list/list_view";
import {liveCalendar, liveForm, liveRows} from "./live_controllers";
import {registry} from "@web/core/registry";

const views = registry.category("views");

views.add("clinic_reminder_list", {
    ...listView,
    Controller: asksFirst(liveRows(ListController)),
    Renderer: CallListRenderer,
});
views.add("clinic_reminder_form", {
    ...formView,
    Controller: asksFirst(liveForm(FormController)),
});
views.add("clinic_visit_list", {
    ...CalendarListView,
    Controller: liveRows(VisitListController),
    Renderer: VisitListRenderer,
});
views.add("clinic_visit_form", {
    ...formView,
    Controller: liveForm(FormController),
});
views.add("clinic_visit_calendar", {
    ...calendarView,
    Controller: liveCalendar(VisitCalendarController),
    Model: VisitCalendarModel,
    Renderer: VisitCalendarRenderer,
});
views.add("clinic_live_kanban", {
    ...kanbanView,
    Controller: liveRows(KanbanController),
});
