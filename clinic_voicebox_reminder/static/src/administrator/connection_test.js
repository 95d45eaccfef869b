import {Component, useState} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useService} from "@web/core/utils/hooks";

const CREDENTIALS = [
    "voicebox_url",
    "voicebox_login",
    "voicebox_password",
    "voicebox_method",
];

/** Tests the credentials as they are typed; nothing is saved for it. */
export class ConnectionTest extends Component {
    static template = "clinic_voicebox_reminder.ConnectionTest";
    static props = {...standardWidgetProps};

    setup() {
        this.orm = useService("orm");
        this.state = useState({isAsking: false, told: null});
    }

    get typed() {
        const {data} = this.props.record;
        return Object.fromEntries(CREDENTIALS.map((name) => [name, data[name]]));
    }

    async ask() {
        this.state.isAsking = true;
        this.state.told = null;
        try {
            this.state.told = await this.orm.call(
                "voicebox.connection",
                "try_credentials",
                [this.typed]
            );
        } finally {
            this.state.isAsking = false;
        }
    }
}

registry
    .category("view_widgets")
    .add("clinic_connection_test", {component: ConnectionTest});
