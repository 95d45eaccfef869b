import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {RPCError} from "@web/core/network/rpc";
import {useAutofocus} from "@web/core/utils/hooks";

/** The number as somebody wrote it, to be mended; what can't be dialled is told. */
export class NumberDialog extends Component {
    static template = "clinic_voicebox_reminder.NumberDialog";
    static components = {Dialog};
    static props = {
        close: Function,
        patient: String,
        save: Function,
        written: String,
    };

    setup() {
        this.state = useState({number: this.props.written, refusal: ""});
        useAutofocus();
    }

    async save() {
        try {
            await this.props.save(this.state.number);
            this.props.close();
        } catch (error) {
            if (!(error instanceof RPCError)) {
                throw error;
            }
            this.state.refusal = error.data.message;
        }
    }
}
