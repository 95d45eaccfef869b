import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {iconOf} from "./board_events";

/** How many visits stand how; a click shows those alone. */
export class BoardCounters extends Component {
    static template = "clinic_voicebox_reminder.BoardCounters";
    static props = {
        counters: Object,
        only: String,
        onOnly: Function,
        onWorkList: Function,
    };

    get counters() {
        const labels = {
            confirmed: _t("confirmed"),
            waiting: _t("waiting"),
            person: _t("need a person"),
            freed: _t("freed"),
        };
        return Object.entries(labels).map(([group, label]) => ({
            group,
            label,
            icon: iconOf({group}),
            count: this.props.counters[group],
        }));
    }
}
