import {
    StatusBarField,
    statusBarField,
} from "@web/views/fields/statusbar/statusbar_field";
import {registry} from "@web/core/registry";
import {useEarlyEndQuestion} from "./early_end";

const FINISHED = ["done", "no_show"];

/**
 * A visit's status: how a visit went is not said by a slip before it takes place.
 */
export class VisitStatusField extends StatusBarField {
    setup() {
        super.setup();
        this.askEarlyEnd = useEarlyEndQuestion();
    }

    async selectItem(item) {
        const starts = FINISHED.includes(item.value)
            ? [this.props.record.data.start]
            : [];
        if (await this.askEarlyEnd(starts)) {
            await super.selectItem(item);
        }
    }
}

registry.category("fields").add("clinic_visit_status", {
    ...statusBarField,
    component: VisitStatusField,
    fieldDependencies: [{name: "start", type: "datetime"}],
});
