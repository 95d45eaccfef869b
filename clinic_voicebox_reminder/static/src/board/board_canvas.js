/* global EventCalendar */
import {FIXED, drawingOf, firstHourOf, hoursInView, wallOf} from "./board_drawing";
import {cardContent, columnContent} from "./board_card";
import {browser} from "@web/core/browser/browser";
import {columnOf} from "./board_events";

const MANY = 150; // Cards; fewer are drawn at once
const COLUMN_WIDTH = 176; // Pixels; no column is narrower
const HOUR_HEIGHT = 96; // Pixels
const ASIDE = 56; // Pixels; the hours beside the columns, the names above them
const AFTER_PAINT = 50; // Milliseconds
const TABLE_ROLES = ["table", "rowgroup", "row", "columnheader", "cell"];
const TABLE = TABLE_ROLES.map((name) => `[role=${name}]`).join();

function toldOf(drawing) {
    const told = {};
    for (const [name, value] of Object.entries(drawing)) {
        told[name] = JSON.stringify(value);
    }
    return told;
}

/**
 * Draws a day with EventCalendar.
 *
 * Only what has changed is drawn again: who scrolls or has the focus keeps it. Of very
 * many cards those in view come first: they are looked at meanwhile.
 */
export class BoardCanvas {
    /**
     * @param {Element} el
     * @param {Object} handlers options of the calendar's: eventClick and the like
     */
    constructor(el, handlers) {
        this.el = el;
        this.handlers = handlers;
        this.known = new Map();
        this.told = {};
    }

    draw(day, specialists) {
        const drawing = drawingOf(day, specialists);
        drawing.events = this.sameAsBefore(drawing.events);
        const before = this.told;
        this.told = toldOf(drawing);
        const isOther = before.date !== this.told.date;
        const first = isOther ? this.inView(drawing.events, day, specialists) : null;
        const drawn = {...drawing, events: first || drawing.events};
        if (this.calendar) {
            this.change(drawn, before, isOther ? firstHourOf(day) : null);
        } else {
            this.create({...drawn, scrollTime: {hours: firstHourOf(day)}});
        }
        this.drawRest(first && drawing.events);
    }

    create(drawn) {
        this.calendar = EventCalendar.create(this.el, {
            ...FIXED,
            ...this.handlers,
            ...drawn,
            eventContent: cardContent,
            resourceLabelContent: columnContent,
            eventAllUpdated: () => this.tellPlainly(),
        });
        this.tellPlainly();
    }

    change(drawn, before, scrollTime) {
        for (const name of Object.keys(drawn)) {
            if (before[name] !== this.told[name]) {
                this.calendar.setOption(name, drawn[name]);
            }
        }
        if (scrollTime !== null) {
            this.calendar.setOption("scrollTime", {hours: scrollTime});
        }
    }

    /** Of what has not changed the former objects: their cards are not made again. */
    sameAsBefore(events) {
        const before = this.known;
        this.known = new Map();
        for (const event of events) {
            const told = JSON.stringify(event);
            this.known.set(told, before.get(told) || event);
        }
        return [...this.known.values()];
    }

    /** The cards to begin with; null: all. */
    inView(events, day, specialists) {
        if (events.length < MANY) {
            return null;
        }
        const width = (this.el.clientWidth - ASIDE) / COLUMN_WIDTH;
        const height = (this.el.clientHeight - ASIDE) / HOUR_HEIGHT;
        const shown = specialists.slice(0, Math.ceil(width));
        const columns = new Set(shown.map((one) => columnOf(one.id)));
        const [top, bottom] = hoursInView(day, height);
        return events.filter(
            ({resourceIds, start, end}) =>
                columns.has(resourceIds[0]) && start < bottom && end > top
        );
    }

    drawRest(events) {
        browser.clearTimeout(this.rest);
        if (events) {
            const draw = () => this.calendar.setOption("events", events);
            this.rest = browser.setTimeout(draw, AFTER_PAINT);
        }
    }

    /** The library calls itself a table, and is none: buttons stand between its rows. */
    tellPlainly() {
        for (const el of this.el.querySelectorAll(TABLE)) {
            el.role = "presentation";
            el.removeAttribute("aria-colindex");
        }
    }

    /** @returns {String} the wall time at a point of the page */
    wallAt({clientX, clientY}) {
        return wallOf(this.calendar.dateFromPoint(clientX, clientY).date);
    }

    destroy() {
        browser.clearTimeout(this.rest);
        EventCalendar.destroy(this.calendar);
    }
}
