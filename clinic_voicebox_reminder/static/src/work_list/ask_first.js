import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {_t} from "@web/core/l10n/translation";

const {DateTime} = luxon;
const HANDLED = "action_done_by_staff";

/** @returns {Promise<boolean>} */
export function askWhetherEarly(dialog) {
    return new Promise((resolve) => {
        dialog.add(
            ConfirmationDialog,
            {
                title: _t("The visit is still to come"),
                body: _t("Do you want to close it all the same?"),
                confirmLabel: _t("Close It"),
                confirm: () => resolve(true),
                cancel: () => resolve(false),
            },
            {onClose: () => resolve(false)}
        );
    });
}

/** A list or form that asks before the work on a visit to come is called done. */
export const asksFirst = (Controller) =>
    class extends Controller {
        async beforeExecuteActionButton(clickParams) {
            const {root} = this.model;
            const records = root.records ? root.selection : [root];
            const isEarly = records.some(({data}) => data.visit_start > DateTime.now());
            if (clickParams.name === HANDLED && isEarly) {
                if (!(await askWhetherEarly(this.dialogService))) {
                    return false;
                }
            }
            return super.beforeExecuteActionButton(...arguments);
        }
    };
