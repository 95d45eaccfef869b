import {Component} from "@odoo/owl";
import {user} from "@web/core/user";

const {DateTime} = luxon;

/** Which week is shown, and what can be taken along. */
export class WeekToolbar extends Component {
    static template = "clinic_voicebox_reminder.WeekToolbar";
    static props = {
        week: Object,
        canExport: Boolean,
        onWeek: Function,
        onExport: Function,
        onSheet: Function,
    };

    get title() {
        const {first, last} = this.props.week.weeks.at(-1);
        const [from, to] = [first, last].map((iso) => DateTime.fromISO(iso).toJSDate());
        const words = {day: "numeric", month: "long", year: "numeric"};
        return new Intl.DateTimeFormat(user.lang, words).formatRange(from, to);
    }
}
