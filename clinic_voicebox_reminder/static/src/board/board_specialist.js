import {Component} from "@odoo/owl";

/** On a narrow screen: whose column is shown. */
export class BoardSpecialist extends Component {
    static template = "clinic_voicebox_reminder.BoardSpecialist";
    static props = {specialists: Array, chosen: Object, onChosen: Function};

    label({name, specialty}) {
        return specialty ? `${name}, ${specialty}` : name;
    }

    onChange({target}) {
        this.props.onChosen(Number(target.value));
    }

    step(by) {
        const {specialists, chosen} = this.props;
        const count = specialists.length;
        const index = specialists.indexOf(chosen);
        this.props.onChosen(specialists[(index + by + count) % count].id || 0);
    }
}
