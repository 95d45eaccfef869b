import {DateTimeField, dateTimeField} from "@web/views/fields/datetime/datetime_field";
import {formatDate} from "@web/views/fields/formatters";
import {registry} from "@web/core/registry";

/** When a visit begins; of one for the whole day its day alone. */
export class VisitTimeField extends DateTimeField {
    getFormattedValue(valueIndex, numeric = this.props.numeric) {
        const value = this.values[valueIndex];
        if (value && this.props.record.data.allday) {
            // Odoo keeps such a day in UTC
            return formatDate(value.setZone("utc"), {numeric});
        }
        return super.getFormattedValue(valueIndex, numeric);
    }
}

registry.category("fields").add("visit_time", {
    ...dateTimeField,
    component: VisitTimeField,
    fieldDependencies: [{name: "allday", type: "boolean"}],
});
