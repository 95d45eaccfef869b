import {registry} from "@web/core/registry";

const PATIENCE = 60000; // Milliseconds a step may take on a busy machine
const TABLES = ["specialist", "weekday", "hour", "number"];

/** Open what a number counts, see as many rows, come back. */
function there(where, rows) {
    return [
        {trigger: `${where}`, run: "click"},
        {trigger: `.o_list_view .o_pager_limit:text(${rows})`},
        {trigger: ".o_breadcrumb a, .breadcrumb-item a, .o_back_button", run: "click"},
        {trigger: ".o_clinic_week .o_week_card"},
    ];
}

const figure = (measure, span) =>
    `.o_figure[data-measure=${measure}][data-span=${span}] button`;

registry.category("web_tour.tours").add("clinic_week", {
    steps: () =>
        [
            {trigger: ".o_clinic_week h1"},
            {trigger: ".o_clinic_week button[name=next]:disabled"},
            ...there(
                `.o_week_card_confirmed ${figure("confirmed", "now")}[name=part]`,
                3
            ),
            ...there(
                `.o_week_card_confirmed ${figure("confirmed", "now")}[name=whole]`,
                5
            ),
            ...there(
                `table[data-name=attendance] ${figure("no_show_not_reached", "now")}[name=part]`,
                1
            ),
            ...there(
                `table[data-name=freed] ${figure("refilled", "now")}[name=whole]`,
                1
            ),
            ...there(
                "table[data-name=weeks] tr[data-key=reached] td:last-child button[name=part]",
                4
            ),
            ...TABLES.flatMap((by) => [
                {trigger: `button[name=by_${by}]`, run: "click"},
                {trigger: `button[name=by_${by}][aria-pressed=true]`},
                ...there(
                    `table[data-name=${by}] tbody tr:first-child ${figure("reached", "now")}[name=whole]`,
                    5
                ),
                {trigger: `button[name=by_${by}][aria-pressed=true]`},
            ]),
            // Few, and marked: no percentage stands alone
            {
                trigger: ".o_clinic_week",
                run() {
                    const bare = [...document.querySelectorAll(".o_figure")].filter(
                        (el) =>
                            el.querySelector(".o_figure_rate") &&
                            Number(el.dataset.whole) < 30 &&
                            !el.querySelector(".o_figure_few")
                    );
                    if (bare.length) {
                        throw new Error(`${bare.length} small figures have no mark`);
                    }
                },
            },
            {trigger: "button[name=previous]", run: "click"},
            {trigger: "button[name=next]:enabled", run: "click"},
            {trigger: "button[name=next]:disabled"},
            {trigger: "button[name=day_sheet]", run: "click"},
            {trigger: ".modal [name=day] input, .modal [name=day] button"},
            {trigger: ".modal .btn-close, .modal .o_form_button_cancel", run: "click"},
            {trigger: "body:not(:has(.modal)) .o_clinic_week"},
        ].map((step) => ({timeout: PATIENCE, ...step})),
});
