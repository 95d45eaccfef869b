import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {useDateTimePicker} from "@web/core/datetime/datetime_picker_hook";

const {DateTime} = luxon;

/** Which day is shown. Days are ISO dates of the clinic's calendar. */
export class BoardToolbar extends Component {
    static template = "clinic_voicebox_reminder.BoardToolbar";
    static props = {day: Object, onDay: Function, onNew: Function};

    setup() {
        const getDay = () => DateTime.fromISO(this.props.day.day);
        this.picker = useDateTimePicker({
            target: "pick-day",
            get pickerProps() {
                return {type: "date", value: getDay()};
            },
            onApply: (picked) => picked && this.props.onDay(picked.toISODate()),
        });
    }

    get days() {
        const {today, after_today: working} = this.props.day;
        const tomorrow = DateTime.fromISO(today).plus({days: 1}).toISODate();
        return [
            {name: "today", day: today, label: _t("Today")},
            {name: "tomorrow", day: tomorrow, label: _t("Tomorrow")},
            {name: "working_day", day: working, label: _t("Next Working Day")},
        ];
    }

    get title() {
        const day = DateTime.fromISO(this.props.day.day);
        const isThisYear = day.year === DateTime.now().year;
        const words = day.toLocaleString({
            weekday: "long",
            day: "numeric",
            month: "long",
            year: isThisYear ? undefined : "numeric",
        });
        return words[0].toUpperCase() + words.slice(1);
    }
}
