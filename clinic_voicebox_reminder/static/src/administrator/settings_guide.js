import {Component, onMounted, useEffect, useRef, useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const HIGHLIGHTED = 5000; // Ms

/**
 * The heading of the settings that few have to change. They are folded until somebody
 * wants them, searches the settings or is led to one of them.
 */
export class MoreSettings extends Component {
    static template = "clinic_voicebox_reminder.MoreSettings";
    static props = {...standardWidgetProps};

    setup() {
        this.root = useRef("root");
        this.search = useState(this.env.searchState);
        this.wasOpen = false;
        useEffect(
            (isSearching) => this.unfold(isSearching),
            () => [Boolean(this.search.value)]
        );
        onMounted(() => this.leadTo(this.props.record.context.clinic_setting));
    }

    get details() {
        return this.root.el.closest("details");
    }

    unfold(isSearching) {
        if (isSearching) {
            this.wasOpen = this.details.open;
        }
        this.details.open = isSearching || this.wasOpen;
    }

    leadTo(id) {
        const setting = id && document.getElementById(id);
        if (!setting) {
            return;
        }
        if (this.details.contains(setting)) {
            this.details.open = this.wasOpen = true;
        }
        setting.scrollIntoView({block: "center"});
        setting.classList.add("o_setting_highlight");
        browser.setTimeout(
            () => setting.classList.remove("o_setting_highlight"),
            HIGHLIGHTED
        );
    }
}

registry
    .category("view_widgets")
    .add("clinic_more_settings", {component: MoreSettings});
