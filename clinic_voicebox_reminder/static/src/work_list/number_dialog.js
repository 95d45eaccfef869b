import {RPCError} from "@web/core/network/rpc";
import {RowDialog} from "./row_dialog";
import {useAutofocus} from "@web/core/utils/hooks";
import {useState} from "@odoo/owl";

/** The number as somebody wrote it, to be mended; what can't be dialled is told. */
export class NumberDialog extends RowDialog {
    static template = "clinic_voicebox_reminder.NumberDialog";
    static props = {...RowDialog.props, save: Function, written: String};

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
