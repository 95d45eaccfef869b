import {Component, markRaw, onWillStart, useState} from "@odoo/owl";
import {MEASURES, choices, explanationOf, labelOf, legend, notes} from "./week_words";
import {beside, grouped, weekByWeek} from "./week_tables";
import {FiguresTable} from "./figures_table";
import {KeepLast} from "@web/core/utils/concurrency";
import {WeekAnswers} from "./week_answers";
import {WeekToolbar} from "./week_toolbar";
import {_t} from "@web/core/l10n/translation";
import {download} from "@web/core/network/download";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {user} from "@web/core/user";

const ADDON = "clinic_voicebox_reminder";

/** The manager's week beside the four before it. */
export class ClinicWeek extends Component {
    static template = "clinic_voicebox_reminder.ClinicWeek";
    static components = {FiguresTable, WeekAnswers, WeekToolbar};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.last = new KeepLast();
        const {day = false, by = "specialist"} = this.props.state || {};
        this.state = useState({day, by, week: null, canExport: false});
        this.open = this.open.bind(this);
        useSetupAction({
            getLocalState: () => ({day: this.state.day, by: this.state.by}),
        });
        onWillStart(async () => {
            this.state.canExport = await user.hasGroup("base.group_allow_export");
            await this.show(day);
        });
    }

    get choices() {
        return choices();
    }

    get explanation() {
        return `${explanationOf(this.state.by)} ${notes().order}`;
    }

    get notes() {
        return notes();
    }

    get legend() {
        return legend(this.state.week.few);
    }

    get attendance() {
        const labels = {no_show: _t("All visits")};
        return beside(this.state.week, MEASURES.attendance, labels);
    }

    get freed() {
        return beside(this.state.week, ["refilled"]);
    }

    get weekByWeek() {
        return weekByWeek(this.state.week);
    }

    get grouped() {
        return grouped(this.state.week, this.state.by);
    }

    /** @param {String|Boolean} day ISO date of the week; false for today's */
    async show(day) {
        this.state.day = day;
        const answer = this.orm.call("clinic.week", "get_week", [day]);
        this.state.week = markRaw(await this.last.add(answer));
    }

    choose(by) {
        this.state.by = by;
    }

    /** The records that a number counts. */
    async open({measure, span, by = false, key = false, name}, side) {
        const {first} = this.state.week.weeks.at(-1);
        const asked = [first, span, measure, side, by, key];
        const action = await this.orm.call("clinic.week", "get_rows", asked);
        const words = [name, labelOf(measure)].filter(Boolean).join(", ");
        return this.action.doAction({...action, name: words});
    }

    async export() {
        const {first} = this.state.week.weeks.at(-1);
        const wanted = await this.orm.call("clinic.week", "get_export", [first]);
        return download({
            data: {data: JSON.stringify({...wanted, context: user.context})},
            url: "/web/export/xlsx",
        });
    }

    openSheet() {
        return this.action.doAction(`${ADDON}.clinic_day_sheet_action`);
    }
}

registry.category("actions").add("clinic_voicebox_reminder.week", ClinicWeek);
