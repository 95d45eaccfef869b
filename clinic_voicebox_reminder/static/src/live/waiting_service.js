import {_t} from "@web/core/l10n/translation";
import {beep} from "./beep";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";

const REMINDERS = "clinic.reminder.call";

/**
 * Tells of patients who ask for a person: a toast with name and number that stays until
 * somebody closes it, or has dealt with the patient; a sound for those who want it.
 */
export const waitingService = {
    dependencies: ["action", "clinic_live", "multi_tab", "notification", "orm"],

    start(env, services) {
        const {action, clinic_live: live, multi_tab: multiTab, notification} = services;
        const orm = services.orm.silent;
        const toasts = new Map();

        async function show(ids) {
            const unseen = ids.filter((id) => !toasts.has(id));
            // Not those of companies that are switched off, nor who was dealt with
            const reminders = await orm.searchRead(
                REMINDERS,
                [
                    ["id", "in", unseen],
                    ["needs_attention", "=", true],
                ],
                ["patient_id", "phone"]
            );
            reminders.forEach(showOne);
            if (reminders.length && user.settings.clinic_sound) {
                ring();
            }
        }

        // One tab of a browser, not all
        async function ring() {
            if (await multiTab.isOnMainTab()) {
                beep();
            }
        }

        function showOne({id, patient_id: patient, phone}) {
            const close = notification.add(`${patient[1]}, ${phone}`, {
                title: _t("A patient asks for a person"),
                type: "warning",
                sticky: true,
                className: "o_clinic_waiting",
                onClose: () => toasts.delete(id),
                buttons: [
                    {
                        name: _t("Open"),
                        primary: true,
                        onClick: () => {
                            close();
                            open(id);
                        },
                    },
                ],
            });
            toasts.set(id, close);
        }

        function open(id) {
            return action.doAction({
                type: "ir.actions.act_window",
                res_model: REMINDERS,
                res_id: id,
                views: [[false, "form"]],
            });
        }

        async function closeDone({reminderIds}) {
            const shown = reminderIds.filter((id) => toasts.has(id));
            if (!shown.length) {
                return;
            }
            const domain = [
                ["id", "in", shown],
                ["needs_attention", "=", true],
            ];
            const waiting = await orm.search(REMINDERS, domain);
            shown
                .filter((id) => !waiting.includes(id))
                .forEach((id) => toasts.get(id)?.());
        }

        live.bus.addEventListener("waiting", ({detail}) => show(detail));
        live.bus.addEventListener("news", ({detail}) => closeDone(detail));
    },
};
registry.category("services").add("clinic_waiting", waitingService);
