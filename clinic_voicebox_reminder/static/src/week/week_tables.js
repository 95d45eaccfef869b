import {MEASURES, labelOf, nameOf} from "./week_words";
import {_t} from "@web/core/l10n/translation";

const {DateTime} = luxon;
const OF_A_WEEK = [...MEASURES.answers, "no_show", "refilled"];

/** A figure: what it is, and what it is of. */
function figure(shares, measure, span, place = {}) {
    return {share: shares[measure], measure, span, ...place};
}

export function thisWeek(week) {
    return week.weeks[week.weeks.length - 1];
}

export function spans() {
    return [
        {key: "now", label: _t("Week shown")},
        {key: "before", label: _t("Four weeks before it")},
    ];
}

function pair(week, measure) {
    return [
        figure(thisWeek(week).shares, measure, "now"),
        figure(week.before, measure, "before"),
    ];
}

/** Measures from above to below, this week beside the four before. */
export function beside(week, measures, labels = {}) {
    return {
        head: spans(),
        rows: measures.map((measure) => ({
            key: measure,
            label: labels[measure] || labelOf(measure),
            cells: pair(week, measure).map((one) => [one]),
        })),
    };
}

export function answers(week) {
    return MEASURES.answers.map((measure) => ({
        measure,
        label: labelOf(measure),
        figures: pair(week, measure),
    }));
}

export function weekByWeek(week) {
    const day = (iso) =>
        DateTime.fromISO(iso).toLocaleString({day: "numeric", month: "short"});
    return {
        head: week.weeks.map(({first, last}) => ({
            key: first,
            label: `${day(first)} – ${day(last)}`,
        })),
        rows: OF_A_WEEK.map((measure) => ({
            key: measure,
            label: labelOf(measure),
            cells: week.weeks.map(({first, shares}) => [
                figure(shares, measure, first),
            ]),
        })),
    };
}

/** A row for each specialist, weekday, hour or number; this week above the others. */
export function grouped(week, by) {
    const rows = week.groups[by];
    const isOfCalls = by === "hour" || by === "number";
    const measures = isOfCalls ? MEASURES.answers : OF_A_WEEK;
    return {
        head: measures.map((measure) => ({key: measure, label: labelOf(measure)})),
        rows: rows.map((row) => {
            const place = {by, key: row.key, name: nameOf(by, row)};
            return {
                key: row.key,
                label: place.name,
                cells: measures.map((measure) => [
                    figure(row.now, measure, "now", place),
                    figure(row.before, measure, "before", place),
                ]),
            };
        }),
    };
}
