import {Component} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";

/** What is asked about one patient, above the page it was asked on. */
export class RowDialog extends Component {
    static components = {Dialog};
    static props = {close: Function, patient: String};
}
