import {useEffect, useState} from "@odoo/owl";
import {useLive} from "./live_service";

const NEWS_OF = {
    "calendar.event": "eventIds",
    "clinic.reminder.call": "reminderIds",
};

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
            return Boolean(editedRecord || (selection && selection.length));
        }

        async catchUp() {
            this.isBehind = this.isHeld;
            if (this.isBehind || !this.model.isReady) {
                return;
            }
            await this.model.load();
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
            useLive((news) => this.onNews(news));
        }

        /** Is this form about something else than what has changed? */
        concerns(news) {
            const ids = news[NEWS_OF[this.props.resModel]];
            return (
                Boolean(this.model.root.resId) &&
                (!ids || ids.includes(this.model.root.resId))
            );
        }

        async onNews(news) {
            if (!this.concerns(news)) {
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
