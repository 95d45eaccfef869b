import {Component} from "@odoo/owl";
import {Figure} from "./figure";

/** Figures in rows and columns; on a narrow screen each row is a card. */
export class FiguresTable extends Component {
    static template = "clinic_voicebox_reminder.FiguresTable";
    static components = {Figure};
    static props = {
        name: String,
        caption: String,
        table: Object,
        few: Number,
        onOpen: Function,
    };
}
