import {registry} from "@web/core/registry";

const OPEN = ".o_clinic_visit_form [name=reminder_words] button.btn-link";
const TALK = ".modal .o_clinic_conversation";
const CLOSE = {trigger: ".modal footer button[special=cancel]", run: "click"};
const CLOSED = {trigger: "body:not(:has(.modal))"};
const spoken = [];

/** A browser with a Russian voice, which keeps what it was to say. */
function giveVoice() {
    const voice = {
        getVoices: () => [{lang: "ru-RU"}],
        speak: (utterance) => spoken.push(utterance),
        cancel: () => spoken.push(null),
    };
    Object.defineProperty(window, "speechSynthesis", {
        value: voice,
        configurable: true,
    });
}

function checkSpoken() {
    const said = spoken.filter(Boolean);
    const [greeting] = said;
    if (said.length !== 1 || greeting.lang !== "ru-RU") {
        throw new Error(`said ${said.length} times`);
    }
    if (!greeting.text.includes("робот") || !greeting.text.includes("Вы придете?")) {
        throw new Error(greeting.text);
    }
    greeting.onend();
}

registry.category("web_tour.tours").add("clinic_conversation", {
    steps: () => [
        // Without a voice there is the text
        {
            trigger: "body",
            run: () =>
                Object.defineProperty(window, "speechSynthesis", {
                    value: undefined,
                    configurable: true,
                }),
        },
        {trigger: OPEN, run: "click"},
        {trigger: `${TALK} > [role=status]`},
        {trigger: `${TALK} .o_clinic_said:contains('робот')`},
        {trigger: `${TALK} .o_clinic_then .o_clinic_then .o_clinic_said`},
        {trigger: `${TALK}:not(:has(button))`},
        CLOSE,
        CLOSED,
        // With a voice it is said, and stopped
        {trigger: "body", run: giveVoice},
        {trigger: OPEN, run: "click"},
        {trigger: `${TALK}:not(:has(> [role=status]))`},
        {trigger: `${TALK} button[aria-pressed=false]:first`, run: "click"},
        {trigger: `${TALK} button[aria-pressed=true]`, run: checkSpoken},
        {trigger: `${TALK}:not(:has(button[aria-pressed=true]))`},
        CLOSE,
        CLOSED,
    ],
});
