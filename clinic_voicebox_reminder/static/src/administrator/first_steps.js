import {Component, onWillStart, onWillUnmount, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";

const PAGE = "clinic.first.steps.page";
const LOOK = 5000; // Ms; reports come in while the page is open

/** From the installation to live calls: what is done, what is not, and where to do it. */
export class FirstSteps extends Component {
    static template = "clinic_voicebox_reminder.FirstSteps";
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({
            page: null,
            told: null,
            isAsking: false,
            isGoingLive: false,
            reason: "",
        });
        const timer = browser.setInterval(() => this.look(), LOOK);
        onWillUnmount(() => browser.clearInterval(timer));
        onWillStart(() => this.load());
    }

    async call(method, args = [], orm = this.orm) {
        this.state.page = await orm.call(PAGE, method, args);
    }

    load() {
        return this.call("get_page");
    }

    async look() {
        if (!document.hidden) {
            await this.call("get_page", [], this.orm.silent);
        }
    }

    get progress() {
        const {done, steps} = this.state.page;
        return _t("Done: %(done)s of %(all)s", {done, all: steps.length});
    }

    get question() {
        const steps = this.state.page.undone.join(", ");
        return _t("Not done yet: %s. Why go live all the same?", steps);
    }

    get isComplete() {
        return this.state.page.done === this.state.page.steps.length;
    }

    /** What is still to be done first of all. */
    get next() {
        return this.state.page.steps.find((step) => !step.done)?.name;
    }

    press(step) {
        if (step.name === "connection") {
            return this.ask();
        }
        if (step.name === "live") {
            this.state.isGoingLive = true;
            return undefined;
        }
        return this.action.doAction(step.action, {
            additionalContext: step.setting ? {clinic_setting: step.setting} : {},
            onClose: () => this.load(),
        });
    }

    async ask() {
        this.state.isAsking = true;
        try {
            this.state.told = await this.orm.call(
                "voicebox.connection",
                "try_credentials"
            );
            await this.load();
        } finally {
            this.state.isAsking = false;
        }
    }

    confirmChoices() {
        return this.call("confirm_choices");
    }

    get mayGoLive() {
        return !this.state.page.undone.length || Boolean(this.state.reason.trim());
    }

    async goLive() {
        await this.call("go_live", [this.state.reason]);
        this.state.isGoingLive = false;
    }

    async show(isShown) {
        await this.call("show", [isShown]);
        browser.location.reload();
    }
}

registry.category("actions").add("clinic_voicebox_reminder.first_steps", FirstSteps);
