import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

const TIME_TO_UNDO = 10000; // Ms; a pointer on the notification stops it
const KEY = "alt+z";

/**
 * Says what an action of the front desk has done, and offers to take it back, also by
 * the keyboard. What the server can't take back it says itself.
 */
function said(env, {params}) {
    const {hotkey, notification, orm} = env.services;

    async function undo() {
        close();
        await orm.call("clinic.reminder.undo", "action_undo", [[params.undo_id]]);
        notification.add(_t("Undone."), {type: "info"});
    }

    const forget = hotkey.add(KEY, undo, {global: true});
    const close = notification.add(params.message, {
        type: "success",
        autocloseDelay: TIME_TO_UNDO,
        className: "o_clinic_said",
        onClose: forget,
        buttons: [{name: _t("Undo"), primary: true, onClick: undo}],
    });
    return {type: "ir.actions.act_window_close"};
}
registry.category("actions").add("clinic_voicebox_reminder.said", said);
