import {_t} from "@web/core/l10n/translation";
import {momentOf} from "./board_events";
import {serializeDateTime} from "@web/core/l10n/dates";
import {useService} from "@web/core/utils/hooks";

const ADDON = "clinic_voicebox_reminder";

/**
 * What the board opens above itself.
 *
 * @param {() => any} onClose after which the day may be another
 */
export function useBoardActions(onClose) {
    const action = useService("action");

    function open(name, additionalContext) {
        return action.doAction(`${ADDON}.${name}`, {additionalContext, onClose});
    }

    return {
        /** @param {Object} place wall times and a specialist, as far as they are known */
        book({start, stop, specialist}, zone) {
            const context = specialist ? {default_specialist_id: specialist} : {};
            for (const [name, wall] of Object.entries({start, stop})) {
                if (wall) {
                    const moment = momentOf(wall, zone);
                    context[`default_${name}`] = serializeDateTime(moment);
                }
            }
            return open("visit_action_book", context);
        },

        async openVisit({id}) {
            const form = await action.loadAction(`${ADDON}.visit_action_book`);
            const visit = {...form, name: _t("Visit"), res_id: id};
            return action.doAction(visit, {onClose});
        },

        openWorkList() {
            return open("clinic_reminder_call_action_work_list", {});
        },
    };
}
