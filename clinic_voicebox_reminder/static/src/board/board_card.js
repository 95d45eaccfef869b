import {hourOf, hoursOf, iconOf, nameOf, wordOf} from "./board_events";

const made = new WeakMap();

function element(tag, className, text = "") {
    const el = document.createElement(tag);
    el.className = className;
    el.textContent = text;
    return el;
}

function icon(name) {
    const el = element("i", `fa fa-fw ${name}`);
    el.ariaHidden = "true";
    return el;
}

function linesOf({row, who}) {
    const title = element("div", "o_board_line");
    title.append(icon(iconOf(row)), element("span", "o_board_name", nameOf(row)));
    title.title = `${hoursOf(row)} ${nameOf(row)}`.trim();
    const status = element("div", "o_board_line");
    status.append(
        element("span", "o_board_time", row.all_day ? "" : hourOf(row.start)),
        element("span", "o_board_word", wordOf(row)),
        element("span", "visually-hidden", who)
    );
    return {domNodes: [title, status]};
}

/**
 * What is drawn inside a card, from its row and its specialist's name.
 *
 * Made by hand, and once for a row: there may be hundreds. What is drawn of a card while
 * it is dragged is a copy.
 */
export function cardContent({event}) {
    const {extendedProps: told, display} = event;
    if (!told.row) {
        return {domNodes: []};
    }
    if (display !== "auto") {
        return linesOf(told);
    }
    if (!made.has(told)) {
        made.set(told, linesOf(told));
    }
    return made.get(told);
}

/** A specialist above a column. */
export function columnContent({resource}) {
    const {specialty, isAway} = resource.extendedProps;
    const head = element("div", `o_board_head${isAway ? " o_board_away" : ""}`);
    head.append(element("div", "o_board_specialist", resource.title));
    head.append(element("div", "o_board_specialty", specialty));
    return {domNodes: [head]};
}
