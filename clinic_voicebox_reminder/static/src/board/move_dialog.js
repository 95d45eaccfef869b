import {Component, onWillStart, useState} from "@odoo/owl";
import {hourFormat, hourInWords, nameOf} from "./board_events";
import {DateTimeInput} from "@web/core/datetime/datetime_input";
import {Dialog} from "@web/core/dialog/dialog";
import {KeepLast} from "@web/core/utils/concurrency";
import {_t} from "@web/core/l10n/translation";
import {localization} from "@web/core/l10n/localization";
import {useService} from "@web/core/utils/hooks";

const {DateTime} = luxon;

/**
 * Asks before a visit gets another time or specialist, and tells what speaks against
 * it. Times are the clinic's wall times.
 */
export class MoveDialog extends Component {
    static template = "clinic_voicebox_reminder.MoveDialog";
    static components = {DateTimeInput, Dialog};
    static props = {
        row: Object,
        place: {type: Object, shape: {start: String, specialist: [Number, Boolean]}},
        specialists: Array,
        onMoved: Function,
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast();
        const {start, specialist} = this.props.place;
        this.state = useState({
            start: DateTime.fromSQL(start),
            specialist,
            conflicts: [],
            isAsking: false,
        });
        this.format = `${localization.dateFormat} ${hourFormat()}`;
        onWillStart(() => this.ask());
    }

    get title() {
        return _t("Move the visit of %s?", nameOf(this.props.row));
    }

    get present() {
        const {row} = this.props;
        const start = DateTime.fromSQL(row.start);
        return _t("So far: %(day)s, %(hour)s, %(specialist)s", {
            day: start.toLocaleString({weekday: "long", day: "numeric", month: "long"}),
            hour: hourInWords(start),
            specialist: this.nameOfSpecialist(row.specialist),
        });
    }

    get choices() {
        return this.props.specialists.filter((one) => one.id);
    }

    nameOfSpecialist(id) {
        return this.props.specialists.find((one) => one.id === id)?.name || "";
    }

    onTime(start) {
        if (start) {
            this.state.start = start;
            this.ask();
        }
    }

    onSpecialist({target}) {
        this.state.specialist = Number(target.value);
        this.ask();
    }

    /** Read what speaks against the place, for staff to decide. */
    async ask() {
        this.state.isAsking = true;
        const {conflicts} = await this.last.add(this.call({}));
        Object.assign(this.state, {conflicts, isAsking: false});
    }

    async confirm() {
        this.state.isAsking = true;
        const accepted = [...this.state.conflicts];
        const {is_moved, conflicts} = await this.call({accepted}).finally(() => {
            this.state.isAsking = false;
        });
        this.state.conflicts = conflicts;
        if (is_moved) {
            this.props.onMoved();
            this.props.close();
        }
    }

    call(options) {
        const {start, specialist} = this.state;
        const wall = start.toFormat("yyyy-MM-dd'T'HH:mm:ss");
        const args = [this.props.row.id, wall, specialist];
        return this.orm.call("clinic.visit.move", "move_visit", args, options);
    }
}
