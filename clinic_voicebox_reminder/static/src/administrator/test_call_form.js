import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {onWillUnmount} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

const NEWS = "clinic_voicebox_reminder/test_call";

/** Tells at once what is reported about the call that was made here. */
class TestCallController extends FormController {
    setup() {
        super.setup();
        const bus = useService("bus_service");
        const onNews = async () => {
            // The dialog of a call to be made is replaced by that of the call made
            if (this.props.resId) {
                await this.model.whenReady;
                await this.model.root.load();
            }
        };
        bus.subscribe(NEWS, onNews);
        bus.start();
        onWillUnmount(() => bus.unsubscribe(NEWS, onNews));
    }
}

registry.category("views").add("clinic_test_call_form", {
    ...formView,
    Controller: TestCallController,
});
