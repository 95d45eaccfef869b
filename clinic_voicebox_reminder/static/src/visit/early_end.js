import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";

const {DateTime} = luxon;

/**
 * Asks before a visit that is still to come is said to be over.
 *
 * @returns {Function} of the visits' starts; resolves to whether to go on
 */
export function useEarlyEndQuestion() {
    const dialog = useService("dialog");
    return (starts) => {
        if (!starts.some((start) => start && start > DateTime.now())) {
            return Promise.resolve(true);
        }
        return new Promise((resolve) => {
            dialog.add(
                ConfirmationDialog,
                {
                    title: _t("The visit is still to come"),
                    body: _t("Nobody can have come yet. Write it down all the same?"),
                    confirmLabel: _t("Write It Down"),
                    confirm: () => resolve(true),
                    cancelLabel: _t("Not Yet"),
                    cancel: () => resolve(false),
                },
                {onClose: () => resolve(false)}
            );
        });
    };
}
