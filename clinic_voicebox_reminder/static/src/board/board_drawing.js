import {columnsOf, eventsOf, hourInWords} from "./board_events";
import {_t} from "@web/core/l10n/translation";

const {DateTime} = luxon;
// The library's dates show the clinic's wall time on the browser's own clock
const zone = "system";
const SQL = "yyyy-MM-dd HH:mm:ss";

/** @returns {String} the wall time of a date of the library's */
export function wallOf(date) {
    return DateTime.fromJSDate(date, {zone}).toFormat(SQL);
}

/** @returns {String} where a visit so many hours long begins, at best at `pointed` */
export function startWithin({start, stop}, pointed, hours) {
    const latest = DateTime.fromSQL(stop).minus({hours});
    const fitting = [pointed, latest.toFormat(SQL)].sort()[0];
    return fitting > start ? fitting : start;
}

function hoursAfterMidnight(wall, day) {
    const midnight = DateTime.fromISO(day, {zone: "utc"});
    return DateTime.fromSQL(wall, {zone: "utc"}).diff(midnight).as("hours");
}

/** Options of the library's that stay. */
export const FIXED = {
    view: "resourceTimeGridDay",
    headerToolbar: {start: "", center: "", end: ""},
    height: "100%",
    columnWidth: "minmax(11rem, 1fr)",
    slotDuration: {minutes: 15},
    slotLabelInterval: {hours: 1},
    slotLabelFormat: (time) => hourInWords(DateTime.fromJSDate(time, {zone})),
    slotEventOverlap: false,
    // A card tells its hours itself; the library's own words take longer than a card
    eventTimeFormat: () => "",
    nowIndicator: true,
    editable: true,
    eventDurationEditable: false,
};

/** Those that change with the day, or with whom is shown of it. */
export function drawingOf(day, specialists) {
    const [first, last] = day.hours;
    return {
        date: day.day,
        timeZone: day.offset,
        slotMinTime: {hours: hoursAfterMidnight(first, day.day)},
        slotMaxTime: {hours: hoursAfterMidnight(last, day.day)},
        allDaySlot: day.visits.some((visit) => visit.all_day),
        allDayContent: String(_t("All day")),
        resources: columnsOf(specialists),
        events: eventsOf(day, specialists),
    };
}

/** @returns {Number} the hour to which a day is scrolled: today, the one before now */
export function firstHourOf({day, today, offset}) {
    const now = DateTime.utc().setZone(`UTC${offset}`);
    return day === today ? Math.max(now.hour - 1, 0) : 0;
}

/** @returns {String[]} the wall times between which a day is seen at first */
export function hoursInView(day, count) {
    const midnight = DateTime.fromISO(day.day);
    const first = midnight.plus({hours: firstHourOf(day)}).toFormat(SQL);
    const top = first > day.hours[0] ? first : day.hours[0];
    return [top, DateTime.fromSQL(top).plus({hours: count}).toFormat(SQL)];
}
