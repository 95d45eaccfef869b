import {_t} from "@web/core/l10n/translation";
import {localization} from "@web/core/l10n/localization";
import {memoize} from "@web/core/utils/functions";

const {DateTime} = luxon;

/** By group, and by status where a group holds several. */
const ICONS = {
    confirmed: "fa-check",
    waiting: "fa-clock-o",
    not_confirmed: "fa-question",
    person: "fa-bell",
    freed: "fa-undo",
    over: "fa-check-square-o",
    no_show: "fa-user-times",
    cancelled: "fa-ban",
    busy: "fa-lock",
    free: "fa-plus",
};
const STATUSES_WITH_ICON = {
    waiting: ["not_confirmed"],
    over: ["no_show", "cancelled"],
};
const WORDS = {
    person: _t("Needs a person"),
    freed: _t("Freed"),
    busy: _t("Taken"),
    free: _t("Free"),
};
const NOBODY = "0";
const ONE_LINE = 25; // Minutes; what is shorter has no room for two

/** @returns {String} the id of a specialist's column; some visits have no specialist */
export function columnOf(specialistId) {
    return specialistId ? String(specialistId) : NOBODY;
}

/** @returns {luxon.DateTime} the moment of a wall time */
export function momentOf(wall, zone) {
    return DateTime.fromSQL(wall, {zone});
}

/** @returns {String} a wall time's hour, as this user writes hours */
export const hourOf = memoize((wall) => hourInWords(DateTime.fromSQL(wall)));

/** @returns {String} from when to when; nothing for a whole day */
export function hoursOf({all_day: isWholeDay, start, stop}) {
    return isWholeDay ? "" : `${hourOf(start)} – ${hourOf(stop)}`;
}

export function hourInWords(time) {
    return time.toFormat(hourFormat());
}

/** @returns {String} luxon's format of an hour, without seconds */
export function hourFormat() {
    return localization.timeFormat.replace(":ss", "");
}

export function iconOf(row) {
    const hasOwn = STATUSES_WITH_ICON[row.group]?.includes(row.status);
    return ICONS[hasOwn ? row.status : row.group];
}

/** @returns {String} the status in a word or two */
export function wordOf(row) {
    return String(WORDS[row.group] || row.word);
}

/** @returns {String} whose visit it is, or what the time is taken for */
export function nameOf(row) {
    const isVisit = !["free", "busy"].includes(row.group);
    return row.name || (isVisit ? String(_t("A patient")) : "");
}

function isShort({start, stop}) {
    const minutes = DateTime.fromSQL(stop).diff(DateTime.fromSQL(start)).as("minutes");
    return minutes < ONE_LINE;
}

function eventOf(row, group, who, more) {
    return {
        id: `${group}-${row.id || row.start}-${row.specialist}`,
        resourceIds: [columnOf(row.specialist)],
        start: row.start,
        end: row.stop,
        allDay: Boolean(row.all_day),
        startEditable: false,
        classNames: [
            "o_board_card",
            `o_board_${group}`,
            ...(isShort(row) ? ["o_board_short"] : []),
        ],
        extendedProps: {row: {...row, group}, who},
        ...more,
    };
}

function visitEvent(row, who) {
    const startEditable = !["freed", "over"].includes(row.group) && !row.all_day;
    return eventOf(row, row.group, who, {id: `visit-${row.id}`, startEditable});
}

function hoursEvent(specialist, [start, end]) {
    return {
        id: `hours-${specialist.id}-${start}`,
        resourceIds: [columnOf(specialist.id)],
        display: "background",
        start,
        end,
        classNames: ["o_board_hours"],
    };
}

/** What is drawn for these specialists of a day that the server has told. */
export function eventsOf(day, specialists) {
    const names = new Map(specialists.map((one) => [one.id, one.name]));
    const isShown = (row) => names.has(row.specialist);
    const drawn = (rows, make) =>
        rows.filter(isShown).map((row) => make(row, names.get(row.specialist)));
    return [
        ...specialists.flatMap((one) => one.hours.map((pair) => hoursEvent(one, pair))),
        ...drawn(day.free, (row, who) => eventOf(row, "free", who)),
        ...drawn(day.busy, (row, who) => eventOf(row, "busy", who)),
        ...drawn(day.visits, visitEvent),
    ];
}

export function columnsOf(specialists) {
    return specialists.map((one) => ({
        id: columnOf(one.id),
        title: one.name,
        extendedProps: {specialty: one.specialty, isAway: !one.hours.length},
    }));
}
