import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {labelOf} from "./week_words";
import {user} from "@web/core/user";

/** So many per cent, and of how many; few are marked. A click opens the records. */
export class Figure extends Component {
    static template = "clinic_voicebox_reminder.Figure";
    static props = {figure: Object, few: Number, onOpen: Function};

    get share() {
        return this.props.figure.share;
    }

    get percent() {
        return this.format(this.share.rate, {style: "percent"});
    }

    get fewWords() {
        return _t("Fewer than %s: chance alone moves such a figure.", this.props.few);
    }

    number(value) {
        return this.format(value, {maximumFractionDigits: 1});
    }

    /** Hours are told as such. */
    get whole() {
        const hours = {style: "unit", unit: "hour", maximumFractionDigits: 1};
        const {measure} = this.props.figure;
        const {whole} = this.share;
        return measure === "refilled" ? this.format(whole, hours) : this.number(whole);
    }

    format(value, options) {
        return new Intl.NumberFormat(user.lang, options).format(value);
    }

    /** For whoever hears the page: what the number is. */
    label(side) {
        const {measure, name} = this.props.figure;
        const words = [name, labelOf(measure)].filter(Boolean).join(", ");
        const {part} = this.share;
        return side === "part"
            ? `${words}: ${this.percent}, ${this.number(part)}`
            : _t("%(figure)s, of: %(whole)s", {
                  figure: words,
                  whole: this.whole,
              });
    }

    open(side) {
        this.props.onOpen(this.props.figure, side);
    }
}
