/**
 * The browser's own voice in one language, where it has one.
 */
export class Voice {
    /**
     * @param {String} lang as browsers write it: "ru-RU"
     * @param {Function} onChange is called when `isThere` may have changed
     */
    constructor(lang, onChange) {
        this.lang = lang;
        this.speech = window.speechSynthesis;
        this.onChange = onChange;
        // Chrome learns of its voices some moments after the page is there
        this.speech?.addEventListener?.("voiceschanged", onChange);
    }

    get isThere() {
        const language = this.lang.slice(0, 2).toLowerCase();
        const voices = this.speech?.getVoices() || [];
        return voices.some((voice) => voice.lang.toLowerCase().startsWith(language));
    }

    /**
     * Say one text instead of whatever is being said.
     *
     * @param {String} text what is said
     * @param {Function} onEnd is called when it is over, however it ends
     */
    say(text, onEnd) {
        this.stop();
        const utterance = new SpeechSynthesisUtterance(text);
        utterance.lang = this.lang;
        utterance.onend = onEnd;
        utterance.onerror = onEnd;
        this.speech.speak(utterance);
    }

    stop() {
        this.speech?.cancel();
    }

    close() {
        this.stop();
        this.speech?.removeEventListener?.("voiceschanged", this.onChange);
    }
}
