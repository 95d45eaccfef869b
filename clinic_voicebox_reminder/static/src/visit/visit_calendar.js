import {onPatched} from "@odoo/owl";
import {CalendarCommonPopover} from "@web/views/calendar/calendar_common/calendar_common_popover";
import {CalendarCommonRenderer} from "@web/views/calendar/calendar_common/calendar_common_renderer";
import {CalendarController} from "@web/views/calendar/calendar_controller";
import {CalendarModel} from "@web/views/calendar/calendar_model";
import {CalendarRenderer} from "@web/views/calendar/calendar_renderer";
import {FormViewDialog} from "@web/views/view_dialogs/form_view_dialog";
import {VisitCalls} from "./visit_calls";
import {_t} from "@web/core/l10n/translation";

const FORM = "clinic_voicebox_reminder.calendar_event_view_form";
// What is shown of a day without visits; an earlier or later visit widens it
const OPENS = 7;
const CLOSES = 21;
// Pixels; below, the days need the room of the side bar
const NARROW = 1000;

/** Visits are known by their patients. */
export class VisitCalendarModel extends CalendarModel {
    normalizeRecord(rawRecord) {
        const record = super.normalizeRecord(rawRecord);
        return {...record, title: rawRecord.patient_id?.[1] || record.title};
    }

    /** From which hour to which the visits of the shown days are. */
    get hours() {
        const timed = Object.values(this.records).filter((record) => !record.isAllDay);
        const first = timed.map(({start}) => start.hour);
        const last = timed.map(({start, end}) =>
            end.hasSame(start, "day") ? end.hour + Math.sign(end.minute) : 24
        );
        return {from: Math.min(OPENS, ...first), to: Math.max(CLOSES, ...last)};
    }
}

const clock = (hour) => `${String(hour).padStart(2, "0")}:00:00`;

/** What there is to know about a visit, and to do about its call. */
export class VisitCalendarPopover extends CalendarCommonPopover {
    static subTemplates = {
        ...CalendarCommonPopover.subTemplates,
        footer: "clinic_voicebox_reminder.VisitCalendarPopover.footer",
    };
    static components = {...CalendarCommonPopover.components, VisitCalls};
}

/** Shows the hours in which there are visits. */
export class VisitCalendarCommonRenderer extends CalendarCommonRenderer {
    static components = {
        ...CalendarCommonRenderer.components,
        Popover: VisitCalendarPopover,
    };

    setup() {
        super.setup();
        onPatched(() => this.fc.api.setOption("slotMinTime", clock(this.hours.from)));
        onPatched(() => this.fc.api.setOption("slotMaxTime", clock(this.hours.to)));
    }

    get hours() {
        return this.props.model.hours;
    }

    get options() {
        return {
            ...super.options,
            expandRows: true,
            scrollTime: clock(OPENS + 1),
            slotMinTime: clock(this.hours.from),
            slotMaxTime: clock(this.hours.to),
        };
    }
}

export class VisitCalendarRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: VisitCalendarCommonRenderer,
        week: VisitCalendarCommonRenderer,
        month: VisitCalendarCommonRenderer,
    };
}

/** Books visits in their own form; what was booked is there at once. */
export class VisitCalendarController extends CalendarController {
    setup() {
        super.setup();
        if (window.innerWidth < NARROW) {
            this.state.showSideBar = false;
        }
        const display = this.displayDialog;
        this.displayDialog = (Dialog, props, options) =>
            display(
                Dialog,
                Dialog === FormViewDialog ? this.visitDialogProps(props) : props,
                options
            );
    }

    /**
     * The dialog does not wait for the calendar: news that comes in between begins to
     * load anew, and what was begun before never ends.
     */
    visitDialogProps(props) {
        const onRecordSaved = () => {
            this.model.load();
        };
        const context = {...this.props.context, ...props.context};
        return {...props, context, expandedFormRef: FORM, onRecordSaved};
    }

    get editRecordDefaultDisplayText() {
        return _t("Book a Visit");
    }

    getQuickCreateFormViewProps(record) {
        const props = super.getQuickCreateFormViewProps(record);
        const context = {...props.context};
        if (!record.end) {
            // A click tells no length: the specialist's usual one is proposed
            delete context.default_stop;
            delete context.default_duration;
        }
        return {
            ...props,
            canExpand: false,
            context,
            title: this.editRecordDefaultDisplayText,
        };
    }
}
