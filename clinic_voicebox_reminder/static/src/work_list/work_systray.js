import {Component, onWillStart, onWillUnmount, useState} from "@odoo/owl";
import {CheckBox} from "@web/core/checkbox/checkbox";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {_t} from "@web/core/l10n/translation";
import {beep} from "../live/beep";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useLive} from "../live/live_service";
import {user} from "@web/core/user";
import {useService} from "@web/core/utils/hooks";

const WORK_LIST = "clinic_voicebox_reminder.clinic_reminder_call_action_work_list";
const MINUTE = 60000;

/** How much work waits, by group, wherever in Odoo the front desk is. */
export class WorkSystray extends Component {
    static template = "clinic_voicebox_reminder.WorkSystray";
    static components = {CheckBox, Dropdown, DropdownItem};
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({
            counts: {},
            isDesk: false,
            withSound: user.settings.clinic_sound,
        });
        useLive(() => this.load());
        // What was put off comes back without any news
        const timer = browser.setInterval(() => this.load(), MINUTE);
        onWillUnmount(() => browser.clearInterval(timer));
        onWillStart(async () => {
            this.state.isDesk = await user.hasGroup(
                "clinic_voicebox_reminder.group_user"
            );
            this.load();
        });
    }

    get groups() {
        const names = {
            asks_person: _t("Wants a person now"),
            asks_time: _t("Wants another time"),
            declined: _t("Will not come"),
            not_reached: _t("Not reached"),
            number: _t("No usable number"),
            two_answers: _t("Said two things"),
            unwritten: _t("Not written on the visit"),
        };
        return Object.entries(names).map(([kind, name]) => ({
            kind,
            name,
            count: this.state.counts[kind] || 0,
        }));
    }

    get total() {
        return Object.values(this.state.counts).reduce((sum, count) => sum + count, 0);
    }

    async load() {
        if (this.state.isDesk && !document.hidden) {
            this.state.counts = await this.orm.silent.call(
                "clinic.reminder.call",
                "get_work_counts"
            );
        }
    }

    open() {
        return this.action.doAction(WORK_LIST, {clearBreadcrumbs: true});
    }

    async setSound(withSound) {
        this.state.withSound = withSound;
        await user.setUserSettings("clinic_sound", withSound);
        if (withSound) {
            beep();
        }
    }
}

registry
    .category("systray")
    .add("clinic_voicebox_reminder.work", {Component: WorkSystray}, {sequence: 22});
