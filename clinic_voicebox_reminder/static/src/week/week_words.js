import {_t} from "@web/core/l10n/translation";

/** Of tools/shares.py, in the order in which they are told. */
export const MEASURES = {
    answers: ["reached", "confirmed", "declined", "operator", "not_reached"],
    attendance: [
        "no_show_confirmed",
        "no_show_declined",
        "no_show_operator",
        "no_show_not_reached",
        "no_show_none",
        "no_show",
    ],
};

/** The measures of tools/shares.py, as people call them. */
export function labelOf(measure) {
    const labels = {
        reached: _t("Reached"),
        confirmed: _t("Confirmed"),
        declined: _t("Declined"),
        operator: _t("Wants a person"),
        not_reached: _t("Not reached"),
        no_show_confirmed: _t("Confirmed"),
        no_show_declined: _t("Declined"),
        no_show_operator: _t("Wanted a person"),
        no_show_not_reached: _t("Not reached"),
        no_show_none: _t("Without a call"),
        no_show: _t("No-show"),
        refilled: _t("Freed hours filled again"),
    };
    return labels[measure];
}

/** What the tables are told by. */
export function choices() {
    return [
        {by: "specialist", label: _t("Specialist")},
        {by: "weekday", label: _t("Weekday")},
        {by: "hour", label: _t("Hour of the call")},
        {by: "number", label: _t("Number of the call")},
    ];
}

/** What the percentages of a table are of. */
export function explanationOf(by) {
    const isOfCalls = by === "hour" || by === "number";
    return isOfCalls
        ? _t(
              "Answers: of the calls made in the week. Whom one call does not reach, the next one may."
          )
        : _t(
              "Answers: of the visits of the week that were called about. No-show: of the visits marked as done or as no-show."
          );
}

/** What the percentages of the upper sections are of. */
export function notes() {
    return {
        answers: _t("Of the visits of the week that were called about."),
        attendance: _t(
            "No-shows after each answer: of the visits marked as done or as no-show."
        ),
        freed: _t(
            "Of the hours of cancelled visits: those that another visit to the same specialist took."
        ),
        order: _t("Above: the week shown; below: the four weeks before it."),
    };
}

export function legend(few) {
    return _t(
        "Of fewer than %s: chance alone moves such a figure. A visit that was moved after the call counts with its answer at the old time and with its attendance at the new one.",
        few
    );
}

export function nameOf(by, row) {
    if (by === "hour") {
        return `${row.key}:00–${row.key + 1}:00`;
    }
    return by === "number" ? _t("Call No. %s", row.key) : row.name;
}
