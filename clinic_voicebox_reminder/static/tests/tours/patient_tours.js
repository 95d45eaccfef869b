import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

// A patient calls back: number, Enter, the card; the number is corrected there.
tours.add("clinic_patient_calls_back", {
    steps: () => [
        {
            trigger: ".o_patient_search input",
            run: "edit 8 (912) 345-67-89",
        },
        {
            trigger: ".o_patient_search input",
            run: "press Enter",
        },
        {
            trigger: ".o_patient_card .o_patient_visits .o_kanban_record",
        },
        {
            trigger: ".o_patient_card .o_patient_answers .o_kanban_record",
        },
        {
            trigger: "button[name=action_correct_patient]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=phone] input",
            run: "edit 8 912 345-67-80",
        },
        {
            trigger: ".modal button[name=action_keep]",
            run: "click",
        },
        {
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=reminder_phone_shown]:contains(67-80)",
        },
        {
            trigger: ".o_patient_visits button[name=action_choose_time]",
            run: "click",
        },
        {
            trigger: ".modal .o_clinic_free button",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_notification",
        },
        {
            trigger: ".o_patient_visits button[name=action_open_visit]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=patient_id] input",
        },
    ],
});

// Nobody is known: the patient is made where the search has ended.
tours.add("clinic_patient_made_from_search", {
    steps: () => [
        {
            trigger: ".o_patient_search input",
            run: "edit Сидорова Анна 8 912 777-11-22",
        },
        {
            trigger: ".o_patient_search input",
            run: "press Enter",
        },
        {
            trigger: ".o_patient_make",
            run: "click",
        },
        {
            trigger:
                ".o_patient_card .o_field_widget[name=reminder_phone_shown]:contains(777-11-22)",
        },
        {
            trigger: "button[name=action_book_visit]",
            run: "click",
        },
        {
            trigger:
                ".modal .o_field_widget[name=patient_id] input:value(Сидорова Анна)",
        },
    ],
});

// A visit for a new patient: name and number in the patient's field, and no other page.
tours.add("clinic_patient_made_in_visit", {
    steps: () => [
        {
            trigger: ".o_form_view .o_field_widget[name=patient_id] input",
            run: "edit Иванова Валерия 8 912 345-67-89",
        },
        {
            trigger: ".o_m2o_dropdown_option_create a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=patient_id] input:value(Иванова Валерия)",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_view:has(.o_form_saved), .o_form_view .o_form_saved",
        },
    ],
});

// The number is known: the form asks whether it is the same patient.
tours.add("clinic_patient_known_already", {
    steps: () => [
        {
            trigger: ".o_form_view .o_field_widget[name=patient_id] input",
            run: "edit Иванова В. 8 912 345-67-89",
        },
        {
            trigger: ".o_m2o_dropdown_option_create a",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=same_id] input[type=radio]",
            run: "click",
        },
        {
            trigger: ".modal button[special=save]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=patient_id] input:value(Иванова Валерия)",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_view:has(.o_form_saved), .o_form_view .o_form_saved",
        },
    ],
});
