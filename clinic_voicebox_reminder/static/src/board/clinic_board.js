import {
    Component,
    markRaw,
    onMounted,
    onWillStart,
    onWillUnmount,
    useState,
} from "@odoo/owl";
import {BoardCounters} from "./board_counters";
import {BoardGrid} from "./board_grid";
import {BoardSpecialist} from "./board_specialist";
import {BoardToolbar} from "./board_toolbar";
import {KeepLast} from "@web/core/utils/concurrency";
import {MoveDialog} from "./move_dialog";
import {VisitPopover} from "./visit_popover";
import {browser} from "@web/core/browser/browser";
import {loadBundle} from "@web/core/assets";
import {momentOf} from "./board_events";
import {registry} from "@web/core/registry";
import {router} from "@web/core/browser/router";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useBoardActions} from "./board_actions";
import {useLive} from "../live/live_service";
import {usePopover} from "@web/core/popover/popover_hook";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";

const {DateTime} = luxon;
const PASSING = 5 * 60 * 1000; // Free places pass with the time

/** The front desk's day: who comes to whom, and what of it is to be seen to. */
export class ClinicBoard extends Component {
    static template = "clinic_voicebox_reminder.ClinicBoard";
    static components = {BoardCounters, BoardGrid, BoardSpecialist, BoardToolbar};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.ui = useState(useService("ui"));
        this.actions = useBoardActions(() => this.reload());
        this.popover = usePopover(VisitPopover, {useBottomSheet: this.ui.isSmall});
        this.last = new KeepLast();
        this.state = useState({day: null, only: "", specialist: null});
        useSetupAction({getLocalState: () => ({day: this.state.day.day})});
        onWillStart(() => this.start());
        this.keepFresh();
    }

    start() {
        return Promise.all([
            loadBundle("clinic_voicebox_reminder.event_calendar"),
            this.show(this.props.state?.day || router.current.day),
        ]);
    }

    keepFresh() {
        let passing = null;
        useLive(() => this.reload());
        onMounted(() => {
            this.tellAddress();
            passing = browser.setInterval(() => this.reload(), PASSING);
        });
        onWillUnmount(() => browser.clearInterval(passing));
    }

    /** On a narrow screen one specialist: the first who works, until one is chosen. */
    get specialists() {
        const {specialists} = this.state.day;
        if (!this.ui.isSmall) {
            return specialists;
        }
        const chosen =
            specialists.find((one) => one.id === this.state.specialist) ||
            specialists.find((one) => one.hours.length) ||
            specialists[0];
        return chosen ? [chosen] : [];
    }

    /** @param {String} [day] ISO date; today, if there is none */
    async show(day) {
        this.wanted = day === this.state.day?.today ? undefined : day;
        const args = [this.wanted || false];
        const answer = this.orm.call("clinic.visit.board", "get_day", args);
        this.state.day = markRaw(await this.last.add(answer));
        this.tellAddress();
    }

    /** The page that is loaded again shows the same day; today is no day of its own. */
    tellAddress() {
        this.props.updateActionState?.({day: this.wanted});
    }

    /** The day that was asked for last, even if it is not there yet. */
    reload() {
        return this.show(this.wanted);
    }

    toggle(group) {
        this.state.only = this.state.only === group ? "" : group;
    }

    choose(specialist) {
        this.state.specialist = specialist || false;
    }

    book(place) {
        this.actions.book(place, this.state.day.zone);
    }

    /** An empty spot: of what is past nothing can be booked. */
    bookHere(place) {
        if (momentOf(place.start, this.state.day.zone) > DateTime.now()) {
            this.book(place);
        }
    }

    openCard(row, el) {
        const {specialists} = this.state.day;
        this.popover.open(el, {
            row,
            specialist: specialists.find((one) => one.id === row.specialist),
            onBook: () => this.book(row),
            onMove: () => this.move(row, row),
            onDone: () => this.reload(),
            onOpen: () => this.actions.openVisit(row),
            close: () => this.popover.close(), // A bottom sheet brings none
        });
    }

    /** @param {Function} [revert] puts the card back where it was */
    move(row, {start, specialist}, revert) {
        let isMoved = false;
        const props = {
            row,
            place: {start, specialist},
            specialists: this.state.day.specialists,
            onMoved: () => {
                isMoved = true;
                this.reload();
            },
        };
        const onClose = () => !isMoved && revert?.();
        this.dialog.add(MoveDialog, props, {onClose});
    }
}

registry.category("actions").add("clinic_voicebox_reminder.board", ClinicBoard);
