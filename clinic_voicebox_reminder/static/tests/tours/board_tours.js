import {registry} from "@web/core/registry";

const PATIENCE = 60000; // Milliseconds a step may take on a busy machine

// The visits of the tests are tomorrow's
const toTomorrow = [
    {trigger: ".o_clinic_board button[name=tomorrow]", run: "click"},
    {trigger: "button[name=tomorrow][aria-pressed=true]"},
];

function addTour(name, steps) {
    registry.category("web_tour.tours").add(name, {
        steps: () =>
            [...toTomorrow, ...steps].map((step) => ({timeout: PATIENCE, ...step})),
    });
}

function choose(card, what) {
    return [
        {trigger: card, run: "click"},
        {trigger: `.o_board_popover button[name=${what}]`, run: "click"},
    ];
}

// There the specialist is taken at that time
const toTheSecond = [
    ...choose(".o_board_confirmed:contains(Петрова)", "move"),
    {
        trigger: "#o_board_move_specialist",
        run: "selectByLabel Second of the board",
    },
    {trigger: ".o_board_conflicts"},
];

addTour("clinic_board_statuses", [
    {trigger: ".o_board_waiting:contains(Иванова) .fa-clock-o"},
    {trigger: ".o_board_confirmed:contains(Петрова) .fa-check"},
    {trigger: ".o_board_person:contains(Сидорова) .fa-bell"},
    {trigger: ".o_board_freed:contains(Фёдорова) .fa-undo"},
    {trigger: "button[name=confirmed] b:text(1)"},
    {trigger: "button[name=waiting] b:text(1)"},
    {trigger: "button[name=person] b:text(1)"},
    {trigger: "button[name=freed] b:text(1)"},
    {trigger: "button[name=person]", run: "click"},
    {trigger: ".o_board_grid[data-only=person]"},
    {trigger: "button[name=person]", run: "click"},
    {trigger: ".o_board_waiting", run: "click"},
    {trigger: ".o_board_popover .o_board_sentence"},
    {trigger: ".o_board_popover a[href^='tel:+1']"},
    {trigger: ".o_board_popover button[name=note_call]"},
    {trigger: ".o_board_popover button[name=open]", run: "click"},
    {trigger: ".modal .o_form_view [name=patient_id]"},
    {trigger: ".modal .o_form_button_cancel, .modal .btn-close", run: "click"},
    {trigger: "body:not(:has(.modal)) button[name=work_list]", run: "click"},
    {trigger: ".o_list_view, .o_kanban_view"},
]);

addTour("clinic_board_move", [
    ...toTheSecond,
    {trigger: "button[name=confirm_move]:enabled", run: "click"},
    {trigger: "body:not(:has(.modal)) .o_board_waiting:contains(Петрова)"},
    {trigger: ".o_board_waiting:contains(Петрова):contains(Second of the board)"},
]);

addTour("clinic_board_leave_there", [
    ...toTheSecond,
    {trigger: "button[name=cancel_move]", run: "click"},
    {trigger: "body:not(:has(.modal)) .o_board_confirmed:contains(Петрова)"},
]);

addTour("clinic_board_book", [
    ...choose(".o_board_freed:contains(Фёдорова)", "book"),
    {trigger: ".modal [name=patient_id] input", run: "edit Новикова"},
    {
        trigger: ".o-autocomplete--dropdown-item:contains(Новикова Анна)",
        run: "click",
    },
    {trigger: ".modal [name=patient_phone]:contains(555)"},
    {trigger: ".modal .o_form_button_save", run: "click"},
    {trigger: "body:not(:has(.modal)) .o_board_waiting:contains(Новикова)"},
    {trigger: "button[name=freed] b:text(0)"},
]);
