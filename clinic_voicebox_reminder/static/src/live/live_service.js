import {EventBus} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useBus, useService} from "@web/core/utils/hooks";

const NEWS = "clinic_voicebox_reminder/changed";
// What comes together is told together; a campaign does not keep pages loading
export const GATHER = 200;
export const REST = 1000;

/**
 * Hears over Odoo's bus what has changed for the front desk, and tells the open pages.
 *
 * Two events of its `bus`: "news" gathers what pages show, and waits while nobody looks
 * at this tab; "waiting", at once, has the ids of reminders whose patients ask for a
 * person.
 */
export const liveService = {
    dependencies: ["bus_service"],

    start(env, {bus_service: busService}) {
        const bus = new EventBus();
        let gathered = null;
        let lastTold = 0;

        function tell() {
            if (!gathered || document.hidden) {
                return;
            }
            const news = {
                eventIds: [...gathered.eventIds],
                reminderIds: [...gathered.reminderIds],
            };
            gathered = null;
            lastTold = Date.now();
            bus.trigger("news", news);
        }

        function gather(payload) {
            if (!gathered) {
                gathered = {eventIds: new Set(), reminderIds: new Set()};
                const rest = lastTold + REST - Date.now();
                browser.setTimeout(tell, Math.max(GATHER, rest));
            }
            payload.event_ids.forEach((id) => gathered.eventIds.add(id));
            payload.reminder_ids.forEach((id) => gathered.reminderIds.add(id));
        }

        busService.subscribe(NEWS, (payload) => {
            gather(payload);
            if (payload.urgent_reminder_ids.length) {
                bus.trigger("waiting", payload.urgent_reminder_ids);
            }
        });
        document.addEventListener("visibilitychange", tell);
        busService.start();
        return {bus};
    },
};
registry.category("services").add("clinic_live", liveService);

/**
 * Calls back with the ids of visits and reminders that have changed.
 *
 * @param {(news: {eventIds: number[], reminderIds: number[]}) => any} onNews
 */
export function useLive(onNews) {
    const live = useService("clinic_live");
    useBus(live.bus, "news", ({detail}) => onNews(detail));
}
