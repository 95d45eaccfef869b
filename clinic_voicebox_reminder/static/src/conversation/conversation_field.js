import {Component, onWillUnmount, useEffect, useState} from "@odoo/owl";
import {Voice} from "./voice";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** What is heard, what the robot answers, and what follows: a branch of the talk. */
export class ConversationTurn extends Component {
    static template = "clinic_voicebox_reminder.ConversationTurn";
    static components = {ConversationTurn};
    static props = {
        turn: Object,
        lang: String,
        path: String,
        speaking: String,
        canSpeak: Boolean,
        toggle: Function,
    };

    get action() {
        return this.isSpeaking ? _t("Stop") : _t("Listen");
    }

    get text() {
        return this.props.turn.says.join(" ");
    }

    get isSpeaking() {
        return this.props.speaking === this.props.path;
    }

    toggle() {
        this.props.toggle(this.props.path, this.text);
    }
}

/** The whole conversation: always to be read, and to be heard where there is a voice. */
export class ConversationField extends Component {
    static template = "clinic_voicebox_reminder.ConversationField";
    static components = {ConversationTurn};
    static props = {...standardFieldProps};

    setup() {
        this.state = useState({speaking: "", canSpeak: false});
        this.toggle = this.toggle.bind(this);
        useEffect(
            (lang) => {
                this.voice = new Voice(lang, () => this.look());
                this.look();
                return () => this.close();
            },
            () => [this.lang]
        );
        onWillUnmount(() => this.close());
    }

    get conversation() {
        return this.props.record.data[this.props.name];
    }

    get lang() {
        return this.conversation?.lang || "";
    }

    look() {
        this.state.canSpeak = Boolean(this.lang) && this.voice.isThere;
    }

    toggle(path, text) {
        if (this.state.speaking === path) {
            this.voice.stop();
            this.state.speaking = "";
            return;
        }
        this.voice.say(text, () => this.end(path));
        this.state.speaking = path;
    }

    end(path) {
        if (this.state.speaking === path) {
            this.state.speaking = "";
        }
    }

    close() {
        this.voice.close();
        this.state.speaking = "";
    }
}

registry.category("fields").add("clinic_conversation", {
    component: ConversationField,
    supportedTypes: ["json"],
});
