-- a copy of the database must never call a patient
UPDATE res_company
   SET voicebox_mode = 'disabled',
       voicebox_url = NULL,
       voicebox_login = NULL,
       voicebox_password = NULL,
       voicebox_method = NULL,
       voicebox_test_numbers = NULL,
       voicebox_callback_secret = NULL,
       voicebox_previous_secret = NULL,
       voicebox_previous_secret_until = NULL;
DELETE FROM voicebox_method;
