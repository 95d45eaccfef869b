import {Component, onWillStart, useEffect, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {user} from "@web/core/user";

/** Leads whoever reaches the settings to the first steps, until they are done. */
export class StepsSystray extends Component {
    static template = "clinic_voicebox_reminder.StepsSystray";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({progress: []});
        onWillStart(() => {
            this.load();
        });
        useEffect(
            // The menu bar has to make room for it
            () => {
                browser.dispatchEvent(new Event("resize"));
            },
            () => [this.state.progress.length]
        );
    }

    async load() {
        if (user.isSystem) {
            this.state.progress = await this.orm.silent.call(
                "clinic.first.steps.page",
                "get_progress"
            );
        }
    }

    async open() {
        await this.action.doAction(
            "clinic_voicebox_reminder.clinic_first_steps_action",
            {
                clearBreadcrumbs: true,
            }
        );
        await this.load();
    }
}

registry
    .category("systray")
    .add(
        "clinic_voicebox_reminder.first_steps",
        {Component: StepsSystray},
        {sequence: 23}
    );
