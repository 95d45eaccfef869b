import {registry} from "@web/core/registry";

const FORM = ".modal .o_form_view";

const bookBerezkina = [
    {
        trigger: `${FORM} .o_field_widget[name=patient_id] input`,
        run: "edit Берёз",
    },
    {
        trigger: ".o-autocomplete--dropdown-item:contains('Берёзкина')",
        run: "click",
    },
    {trigger: `${FORM} [name=reminder_preview]:contains('вы записаны на прием')`},
    {
        trigger: ".modal:has(.o_form_view) .o_form_button_save",
        run: "click",
    },
    {trigger: "body:not(:has(.modal))"},
];

registry.category("web_tour.tours").add("clinic_book_from_calendar", {
    steps: () => [
        {trigger: ".o_calendar_view .o_calendar_button_next", run: "click"},
        {
            // Ten o'clock in the middle of next week
            trigger:
                ".fc-timegrid:not(:has(.fc-day-today)) .fc-timegrid-slot-lane[data-time='10:00:00']",
            run: "click",
        },
        ...bookBerezkina,
        {trigger: ".o_calendar_view .fc-event:contains('Берёзкина')"},
    ],
});

registry.category("web_tour.tours").add("clinic_conflict_is_said", {
    steps: () => [
        {trigger: `${FORM} [name=visit_conflict]:contains('Иванова')`},
        ...bookBerezkina,
    ],
});

const DONE = ".o_statusbar_status button[data-value=done]";

registry.category("web_tour.tours").add("clinic_early_end_is_asked", {
    steps: () => [
        {trigger: DONE, run: "click"},
        {trigger: ".modal footer .btn-secondary", run: "click"},
        {trigger: "body:not(:has(.modal))"},
        {trigger: `${DONE}[aria-checked=false]`, run: "click"},
        {trigger: ".modal footer .btn-primary", run: "click"},
        {trigger: `.o_form_view:has(.o_form_saved) ${DONE}[aria-checked=true]`},
    ],
});
