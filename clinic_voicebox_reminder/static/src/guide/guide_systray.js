import {Component, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useBus, useService} from "@web/core/utils/hooks";
import {user} from "@web/core/user";

const OURS = "clinic_voicebox_reminder.clinic_reminder_menu_root";
const FOLDER = "/clinic_voicebox_reminder/static/guides";
// What a page shows, by its client action or model; all else is the front desk's
const PAGES = {
    administrator: [
        "clinic_voicebox_reminder.first_steps",
        "clinic.reminder.health.page",
        "clinic.reminder.pronunciation",
        "clinic.reminder.specialty",
        "clinic.reminder.wording",
        "res.config.settings",
        "res.users",
        "voicebox.callback",
        "voicebox.channel",
        "voicebox.method",
        "voicebox.response",
    ],
    manager: [
        "clinic_voicebox_reminder.week",
        "clinic.call.report",
        "clinic.reminder.attempt",
        "clinic.visit.report",
    ],
};

/** Opens the guide to the page that is open, in the reader's language. */
export class GuideSystray extends Component {
    static template = "clinic_voicebox_reminder.GuideSystray";
    static props = {};

    setup() {
        this.action = useService("action");
        this.menu = useService("menu");
        this.state = useState({isOurs: this.isOurs()});
        useBus(this.env.bus, "MENUS:APP-CHANGED", () => {
            this.state.isOurs = this.isOurs();
        });
    }

    isOurs() {
        return this.menu.getCurrentApp()?.xmlid === OURS;
    }

    get guide() {
        const action = this.action.currentController?.action || {};
        const found = Object.entries(PAGES).find(
            ([, pages]) =>
                pages.includes(action.tag) || pages.includes(action.res_model)
        );
        return found ? found[0] : "front_desk";
    }

    open() {
        const language = user.lang.startsWith("ru") ? "ru" : "en";
        browser.open(`${FOLDER}/${language}/${this.guide}.html`, "_blank");
    }
}

registry
    .category("systray")
    .add("clinic_voicebox_reminder.guide", {Component: GuideSystray}, {sequence: 22});
