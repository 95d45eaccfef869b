import {useEffect, useState} from "@odoo/owl";
import {useLive} from "./live_service";

const NEWS_OF = {
    "calendar.event": "eventIds",
    "clinic.reminder.call": "reminderIds",
};

const nextFrame = () => new Promise((done) => requestAnimationFrame(done));

/** Where in the rows the keyboard is: rows that are loaded anew are new elements. */
function placeOf(element) {
    const row = element?.closest(".o_clinic_row_actions");
    return row && element.name
        ? `.o_clinic_row_actions[data-row="${row.dataset.row}"] [name=${element.name}]`
        : null;
}

/**
 * A list or kanban that shows at once what changes; rows that are ticked or written in
 * keep it as it is until they are let go.
 */
export const liveRows = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            this.isBehind = false;
            useLive(() => this.catchUp());
            useEffect(
                () => {
                    if (this.isBehind) {
                        this.catchUp();
                    }
                },
                () => [this.isHeld]
            );
        }

        get isHeld() {
            const {editedRecord, selection} = this.model.root;
            const isChoosing = document.querySelector(".o_clinic_row_actions .show");
            return Boolean(editedRecord || selection?.length || isChoosing);
        }

        async catchUp() {
            this.isBehind = this.isHeld;
            if (this.isBehind || !this.model.isReady) {
                return;
            }
            const focused = placeOf(document.activeElement);
            // The model's own load would leave whoever waits for another one waiting
            await this.model.root.load();
            if (focused) {
                await nextFrame();
                document.querySelector(focused)?.focus();
            }
            if (this.model.useSampleModel && this.model.hasData()) {
                this.model.useSampleModel = false;
                this.model.notify();
            }
        }
    };

/** A calendar that shows at once what changes. */
export const liveCalendar = (Controller) =>
    class extends Controller {
        setup() {
            super.setup();
            useLive(() => this.model.load());
        }
    };

/**
 * A form that shows at once what changes; what is being typed stays, and the form says
 * that there is news.
 */
export const liveForm = (Controller) =>
    class extends Controller {
        static template = "clinic_voicebox_reminder.LiveForm";

        setup() {
            super.setup();
            this.live = useState({isBehind: false});
            // It closes when it is saved; the news of that would keep it open
            const closesByItself = this.env.inDialog && !this.props.resId;
            useLive((news) => !closesByItself && this.onNews(news));
        }

        /** Is this form about something else than what has changed? */
        concerns(news) {
            const ids = news[NEWS_OF[this.props.resModel]];
            return (
                Boolean(this.model.root.resId) &&
                (!ids || ids.includes(this.model.root.resId))
            );
        }

        /** The news of its own saving would keep a dialog from closing. */
        async save() {
            this.isSaving = true;
            try {
                return await super.save(...arguments);
            } finally {
                this.isSaving = false;
            }
        }

        async onNews(news) {
            if (this.isSaving || !this.concerns(news)) {
                return;
            }
            this.live.isBehind = await this.model.root.isDirty();
            if (!this.live.isBehind) {
                await this.catchUp();
            }
        }

        async catchUp() {
            await this.model.root.load();
            this.live.isBehind = false;
        }

        async discardAndCatchUp() {
            await this.model.root.discard();
            await this.catchUp();
        }

        async onRecordSaved() {
            this.live.isBehind = false;
            return super.onRecordSaved(...arguments);
        }
    };
