import {Component, onWillUnmount, useEffect, useRef} from "@odoo/owl";
import {startWithin, wallOf} from "./board_drawing";
import {BoardCanvas} from "./board_canvas";
import {cardBeside} from "./board_keys";

/**
 * Specialists side by side, the day's hours from the top to the bottom.
 *
 * Wall times are strings, as the server tells them.
 */
export class BoardGrid extends Component {
    static template = "clinic_voicebox_reminder.BoardGrid";
    static props = {
        day: Object,
        specialists: Array,
        only: String,
        onCard: Function,
        onPlace: Function,
        onDrop: Function,
    };

    setup() {
        this.root = useRef("calendar");
        useEffect(
            () => this.draw(),
            () => [this.props.day, this.props.specialists]
        );
        onWillUnmount(() => this.canvas.destroy());
    }

    draw() {
        this.canvas ||= new BoardCanvas(this.root.el, {
            eventClick: (info) => this.onEventClick(info),
            eventDrop: (info) => this.onEventDrop(info),
            dateClick: (info) => this.onDateClick(info),
        });
        this.canvas.draw(this.props.day, this.props.specialists);
    }

    onEventClick({event, el, jsEvent}) {
        const {row} = event.extendedProps;
        if (row.group === "free") {
            const {specialist} = row;
            const {length} = this.props.specialists.find(
                (one) => one.id === specialist
            );
            const isPointed = jsEvent.type === "click";
            const pointed = isPointed ? this.canvas.wallAt(jsEvent) : row.start;
            this.props.onPlace({specialist, start: startWithin(row, pointed, length)});
        } else {
            this.props.onCard(row, el);
        }
    }

    onDateClick({date, resource, allDay}) {
        if (!allDay) {
            const specialist = Number(resource.id) || false;
            this.props.onPlace({specialist, start: wallOf(date)});
        }
    }

    onEventDrop({event, revert}) {
        const place = {
            specialist: Number(event.resourceIds[0]) || false,
            start: wallOf(event.start),
        };
        this.props.onDrop(event.extendedProps.row, place, revert);
    }

    onKeydown(ev) {
        const from = ev.target.closest(".o_board_card");
        const cards = this.root.el.querySelectorAll(".o_board_card");
        const next = from && cardBeside(cards, from, ev.key);
        if (next) {
            ev.preventDefault();
            next.focus();
        }
    }
}
