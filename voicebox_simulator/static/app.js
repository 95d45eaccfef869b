/** Shows the calls as they come over server-sent events; sends what is pressed. */

import {languages} from "./texts.js";

const OUTCOMES = [
    "confirmed",
    "declined",
    "operator",
    "hung_up",
    "machine",
    "no_answer",
];
const SPEEDS = [1, 5, 20, 60, 300, 1000];
const LINGER_MS = 3500;
const TALK_BUTTONS = [
    "yes",
    "no",
    "another_time",
    "silence",
    "unclear",
    "machine",
    "hang_up",
];
const BUTTONS = {
    ringing: ["pick_up", "busy", "machine"],
    question_1: TALK_BUTTONS,
    question_1_again: TALK_BUTTONS,
    question_2: ["yes", "no", "silence", "unclear", "hang_up"],
    goodbye: ["hang_up"],
    transfer: ["hang_up"],
};

const find = (selector) => document.querySelector(selector);
const cards = new Map();
let language = localStorage.getItem("language") || "en";
let sound = localStorage.getItem("sound") !== "off";
let latest = null;

const texts = () => languages[language];

/** Makes an element; text only ever goes in as text. */
function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
}

async function send(method, what, body) {
    const response = await fetch(`/control/${what}`, {
        method,
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify(body),
    });
    const answer = response.ok || (await response.json()).error;
    notify(response.ok ? "" : answer);
}

function notify(words) {
    find("#notice").textContent = words;
    find("#notice").hidden = !words;
}

// === the voice ===

function russianVoice() {
    return speechSynthesis.getVoices().find((voice) => voice.lang.startsWith("ru"));
}

function speak(card) {
    if (!sound || !card.person || !card.text || !("speechSynthesis" in window)) {
        return;
    }
    const utterance = new SpeechSynthesisUtterance(card.text);
    utterance.lang = "ru-RU";
    utterance.voice = russianVoice() || null;
    speechSynthesis.speak(utterance);
}

function hush() {
    if ("speechSynthesis" in window) {
        speechSynthesis.cancel();
    }
}

// === the phones ===

function displayNumber(number) {
    return `+${number[0]} ${number.slice(1, 4)} ${number.slice(4, 7)} ${number.slice(7)}`;
}

function makeCard(call) {
    const element = make("article", {class: "phone", "data-ordinal": call.ordinal});
    element.append(
        make(
            "div",
            {class: "caller"},
            make("span", {class: "handset", "aria-hidden": "true"}),
            make(
                "div",
                {},
                make("strong", {lang: "ru"}),
                make("span", {class: "number"})
            ),
            make("span", {class: "phase"})
        ),
        make("div", {class: "timer"}, make("i")),
        make("div", {class: "speech"}, make("p", {lang: "ru"}), make("small")),
        make("div", {class: "buttons"})
    );
    element.querySelector("strong").textContent = call.name;
    element.querySelector(".number").textContent = displayNumber(call.number);
    return element;
}

function fillSpeech(element, call) {
    const [spoken, gloss] = element.querySelectorAll(".speech > *");
    const meaning = texts().gloss[call.phase] || "";
    spoken.textContent = call.silent ? "" : call.text;
    gloss.textContent = call.silent
        ? texts().silent
        : meaning.replace("{name}", call.name).replace("{visit}", call.visit);
    if (call.phase === "ringing" || call.phase === "dialling") {
        gloss.textContent = call.visit;
    }
}

function fillButtons(element, call) {
    const names = call.silent ? [] : BUTTONS[call.phase] || [];
    const buttons = names.map((name) => {
        const button = make("button", {type: "button", class: name});
        button.textContent = texts().button[name];
        button.addEventListener("click", () => {
            hush();
            send("POST", "press", {ordinal: call.ordinal, button: name});
        });
        return button;
    });
    const focused = element.contains(document.activeElement);
    element.querySelector(".buttons").replaceChildren(...buttons);
    if (focused && buttons.length) {
        buttons[0].focus();
    }
}

function fillTimer(element, call, now) {
    const bar = element.querySelector(".timer i");
    const passed = call.wait - (call.deadline - now);
    bar.style.animation = "none";
    void bar.offsetWidth;
    bar.style.animation = call.silent
        ? ""
        : `drain ${call.wait}s linear ${-passed}s both`;
}

function updateCard(call, now) {
    let card = cards.get(call.ordinal);
    if (card && card.leaving) {
        return;
    }
    if (!card) {
        card = {element: makeCard(call), key: ""};
        cards.set(call.ordinal, card);
        find("#phones").append(card.element);
    }
    const key = [call.phase, call.silent, call.deadline, call.person, language].join();
    if (key === card.key) {
        return;
    }
    const heard = card.call && card.call.text === call.text;
    Object.assign(card, {key, call});
    card.element.dataset.phase = call.phase;
    card.element.classList.toggle("person", call.person);
    card.element.querySelector(".phase").textContent = texts().phase[call.phase];
    fillSpeech(card.element, call);
    fillButtons(card.element, call);
    fillTimer(card.element, call, now);
    if (!heard && !call.silent) {
        speak(call);
    }
}

function closeCard(ordinal, row) {
    const {element, call, leaving} = cards.get(ordinal);
    if (leaving) {
        return;
    }
    cards.get(ordinal).leaving = true;
    const outcome = row && row.outcome;
    element.dataset.phase = "ended";
    element.classList.add(outcome || "cut_off");
    element.querySelector(".phase").textContent = texts().outcome[outcome] || "";
    element
        .querySelectorAll(".timer, .speech, .buttons")
        .forEach((part) => part.remove());
    const remove = () => {
        cards.delete(ordinal);
        element.remove();
        showEmptiness();
    };
    setTimeout(remove, call.person ? LINGER_MS : 0);
}

function showPhones(snapshot) {
    const present = new Set(snapshot.cards.map((call) => call.ordinal));
    for (const ordinal of [...cards.keys()]) {
        if (!present.has(ordinal)) {
            closeCard(
                ordinal,
                snapshot.rows.find((row) => row.ordinal === ordinal)
            );
        }
    }
    for (const call of snapshot.cards) {
        updateCard(call, snapshot.now);
    }
    find("#more-phones").hidden = !snapshot.more_cards;
    find("#more-phones").textContent = texts().more_phones.replace(
        "{n}",
        snapshot.more_cards
    );
    showEmptiness();
}

function showEmptiness() {
    const empty = find("#no-phones");
    empty.hidden = cards.size > 0;
    empty.textContent = latest.state.person
        ? texts().no_phones_me
        : texts().no_phones_script;
}

// === the counts ===

function showTiles(state) {
    const names = ["queued", "dialling", "ringing", "talking", "done"];
    if (state.refused) {
        names.push("refused");
    }
    if (state.violations + state.defects) {
        names.push("violations");
    }
    const counts = {...state, violations: state.violations + state.defects};
    const tiles = names.map((name) => {
        const tile = make("div", {class: `tile ${name}`}, make("b"), make("span"));
        tile.firstChild.textContent = counts[name];
        tile.lastChild.textContent = texts()[name];
        return tile;
    });
    find("#tiles").replaceChildren(...tiles);
}

function showOutcomes(state) {
    const known = OUTCOMES.filter((name) => state.outcomes[name]);
    const parts = known.map((name) => {
        const part = make("i", {class: name, title: texts().outcome[name]});
        part.style.flexGrow = state.outcomes[name];
        return part;
    });
    const waiting = make("i", {class: "waiting"});
    waiting.style.flexGrow =
        Math.max(0, state.accepted - state.done) || (known.length ? 0 : 1);
    find("#outcomes").replaceChildren(...parts, waiting);
    const legend = known.map((name) => {
        const item = make("li", {class: name}, make("b"), " ");
        item.firstChild.textContent = state.outcomes[name];
        item.append(texts().outcome[name]);
        return item;
    });
    find("#legend").replaceChildren(...legend);
}

// === the log ===

function callbackChip(sent) {
    const good = sent.status >= 200 && sent.status < 300;
    const chip = make("span", {class: `chip ${good ? "good" : "bad"}`});
    const word = texts().word[sent.block] || sent.block.replaceAll("_", " ");
    chip.textContent = `${word} ${sent.status || "✕"}`;
    chip.title = sent.error || sent.response || "";
    return chip;
}

function makeRow(row) {
    const result = make("span", {class: `result ${row.outcome}`});
    result.textContent = texts().outcome[row.outcome] || texts().phase[row.phase];
    const spoken = make("span", {lang: "ru"});
    spoken.textContent = `${row.name}: ${row.visit}`;
    const marks = [...row.faults, ...row.alarms].map((words) => {
        const mark = make("span", {
            class: row.alarms.includes(words) ? "alarm" : "fault",
        });
        mark.textContent = texts().alarm[words] || texts().fault[words] || words;
        return mark;
    });
    const time = new Date(row.time).toLocaleTimeString(language, {hourCycle: "h23"});
    const behaviour =
        texts().behaviour[row.behaviour] || row.behaviour.replaceAll("_", " ");
    const cells = [
        [row.ordinal],
        [time],
        [displayNumber(row.number)],
        [spoken, ...marks],
        [behaviour],
        [result],
        row.callbacks.map(callbackChip),
    ];
    const element = make("tr");
    cells.forEach((content, index) => {
        element.append(make("td", {"data-label": texts().columns[index]}, ...content));
    });
    return element;
}

function showRows(rows) {
    find("#columns").replaceChildren(
        ...texts().columns.map((name) => make("th", {scope: "col"}, name))
    );
    find("#rows").replaceChildren(...rows.map(makeRow));
    find("#no-rows").hidden = rows.length > 0;
}

// === the settings ===

function showSettings(snapshot) {
    const {person, speed} = snapshot.state;
    for (const button of find("#who").children) {
        button.setAttribute("aria-pressed", button.dataset.person === String(person));
    }
    const speeds = [...new Set([...SPEEDS, speed])].sort((a, b) => a - b);
    const options = speeds.map((value) => {
        const words = value === 1 ? `×1 · ${texts().life}` : `×${value}`;
        return make("option", {value}, words);
    });
    if (document.activeElement !== find("#speed")) {
        find("#speed").replaceChildren(...options);
        find("#speed").value = speed;
    }
    showFaults(snapshot.fault_names, snapshot.faults);
}

function faultValue(rule) {
    if (!rule) {
        return "0";
    }
    const conditions = ["ordinals", "numbers", "calls"].some((name) => name in rule);
    return conditions ? "rule" : String(rule.probability ?? 1);
}

function faultSelect(name, rule) {
    const value = faultValue(rule);
    const choices = new Set(["0", "0.1", "0.5", "1", value]);
    const words = {0: texts().off, 1: texts().always, rule: texts().custom};
    const select = make("select", {"data-fault": name});
    for (const choice of choices) {
        select.append(
            make("option", {value: choice}, words[choice] || `${choice * 100} %`)
        );
    }
    select.value = value;
    select.addEventListener("change", () => changeFault(name, select.value));
    return select;
}

function changeFault(name, value) {
    const faults = {...latest.faults};
    if (value === "0") {
        delete faults[name];
    } else {
        faults[name] = {...faults[name], probability: Number(value)};
        ["ordinals", "numbers", "calls"].forEach((key) => delete faults[name][key]);
    }
    send("PUT", "faults", faults);
}

function showFaults(names, rules) {
    const list = find(".fault-list");
    const count = Object.keys(rules).length;
    find("#fault-count").textContent = count || "";
    if (list.contains(document.activeElement)) {
        return;
    }
    const labels = names.map((name) => {
        return make(
            "label",
            {},
            make("span", {}, texts().fault[name]),
            faultSelect(name, rules[name])
        );
    });
    list.replaceChildren(...labels);
}

function showConnection(connected) {
    const line = find("#connection");
    const deaf = latest && !latest.state.callback_set;
    line.className = connected ? (deaf ? "warn" : "good") : "bad";
    const words = deaf ? texts().no_callback : texts().connected;
    line.textContent = connected ? words : texts().disconnected;
}

function showWords() {
    document.documentElement.lang = language;
    document.title = texts().title;
    for (const element of document.querySelectorAll("[data-text]")) {
        element.textContent = texts()[element.dataset.text];
    }
    for (const button of find("#languages").children) {
        button.setAttribute("aria-pressed", button.dataset.language === language);
    }
    find("#sound").setAttribute("aria-pressed", sound);
    find("#sound").textContent = sound ? texts().sound_on : texts().sound_off;
}

function show(snapshot) {
    latest = snapshot;
    showConnection(true);
    showSettings(snapshot);
    showTiles(snapshot.state);
    showOutcomes(snapshot.state);
    showPhones(snapshot);
    showRows(snapshot.rows);
}

function changeLanguage(event) {
    language = event.target.dataset.language || language;
    localStorage.setItem("language", language);
    showWords();
    if (latest) {
        show(latest);
    }
}

function toggleSound() {
    sound = !sound;
    localStorage.setItem("sound", sound ? "on" : "off");
    hush();
    showWords();
    notify(sound && !russianVoice() ? texts().no_voice : "");
}

function listen() {
    find("#languages").addEventListener("click", changeLanguage);
    find("#sound").addEventListener("click", toggleSound);
    find("#who").addEventListener("click", (event) => {
        const {person} = event.target.dataset;
        if (person) {
            send("PUT", "person", {person: person === "true"});
        }
    });
    find("#speed").addEventListener("change", (event) => {
        event.target.blur();
        send("PUT", "speed", {speed: Number(event.target.value)});
    });
    find("#reset").addEventListener("click", () => {
        if (confirm(texts().reset_sure)) {
            send("POST", "reset", {});
        }
    });
    const source = new EventSource("/events");
    source.addEventListener("message", (event) => show(JSON.parse(event.data)));
    source.addEventListener("error", () => showConnection(false));
}

showWords();
listen();
