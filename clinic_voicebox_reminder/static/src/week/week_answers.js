import {answers, spans, thisWeek} from "./week_tables";
import {Component} from "@odoo/owl";
import {Figure} from "./figure";

const PARTS = ["confirmed", "declined", "operator", "not_reached"];

/** What the patients said: a bar for this week, one for the weeks before, and cards. */
export class WeekAnswers extends Component {
    static template = "clinic_voicebox_reminder.WeekAnswers";
    static components = {Figure};
    static props = {week: Object, onOpen: Function};

    get cards() {
        const labels = spans();
        return answers(this.props.week).map((card) => ({
            ...card,
            figures: card.figures.map((figure, index) => ({
                figure,
                label: labels[index].label,
            })),
        }));
    }

    get bars() {
        const shares = [thisWeek(this.props.week).shares, this.props.week.before];
        return spans().map((span, index) => ({
            ...span,
            parts: PARTS.map((code) => ({
                code,
                width: 100 * (shares[index][code].rate || 0),
            })),
        }));
    }
}
