import secrets
from datetime import timedelta
from hmac import compare_digest
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache

from odoo.addons.base.models.res_partner import _tz_get

from ..tools import calling_hours, speech
from ..tools.voicebox_client import (
    VoiceboxClient,
    VoiceboxConfigurationError,
    checked_url,
)
from ..tools.written_number import in_e164
from .clinic_reminder_mark import EVERY_COMPANY
from .res_company_branch import CREDENTIALS

CALLBACK_PATH = "/clinic_voicebox_reminder/callback"
SECRET_OVERLAP = timedelta(days=1)
ADMIN = "base.group_system"
DESK_GROUP = "clinic_voicebox_reminder.group_user"
STAFF = "base.group_user"  # what is no business of patients who log in
EXAMPLES = {"ru_RU": "Эндоскопист", "en_US": "Endoscopist"}
EXAMPLE_NAMES = {"ru_RU": "Валерия Сергеевна", "en_US": "Valeria"}
# what verdicts depend on
WEIGHED = {
    *CREDENTIALS,
    "country_id",
    "reminder_calendar_id",
    "reminder_calls_per_day",
    "reminder_consent_mode",
    "reminder_late_booking",
    "reminder_lead_days",
    "reminder_max_calls",
    "reminder_min_notice",
    "reminder_one_call_a_day",
    "reminder_pause_hung_up",
    "reminder_pause_machine",
    "reminder_pause_no_answer",
    "reminder_pause_no_result",
    "reminder_phone_daily_cap",
    "reminder_phone_weekly_cap",
    "reminder_spread",
    "reminder_tz",
    "reminder_vary_time",
    "voicebox_mode",
    "voicebox_test_numbers",
}
CAPS = {"reminder_phone_daily_cap", "reminder_phone_weekly_cap"}
AT_LEAST_ONE = ("reminder_lead_days", "reminder_max_calls", "reminder_result_timeout")
SECRET_FIELDS = (
    "voicebox_callback_secret",
    "voicebox_previous_secret",
    "voicebox_previous_secret_until",
)
NOT_NEGATIVE = (
    "voicebox_max_lines",
    "voicebox_calls_per_minute",
    "reminder_pause_no_answer",
    "reminder_pause_hung_up",
    "reminder_pause_machine",
    "reminder_pause_no_result",
    "reminder_min_notice",
    "reminder_late_booking",
    "reminder_phone_daily_cap",
    "reminder_phone_weekly_cap",
    "reminder_calls_per_day",
    "reminder_retention_days",
)
# beyond these a setting is a slip of the hand
LARGEST = {
    "reminder_lead_days": 30,
    "reminder_late_booking": 24 * 60,
    "reminder_max_calls": 20,
    "reminder_min_notice": 24 * 30,
    "reminder_pause_hung_up": 24 * 60,
    "reminder_pause_machine": 24 * 60,
    "reminder_pause_no_answer": 24 * 60,
    "reminder_pause_no_result": 24 * 60,
    "reminder_result_timeout": 24 * 60,
    "reminder_retention_days": 36500,
}


class ResCompany(models.Model):
    _inherit = "res.company"

    # === Voicebox === #
    voicebox_mode = fields.Selection(
        [("disabled", "Disabled"), ("test", "Test"), ("live", "Live")],
        string="Reminder Calls",
        default="disabled",
        required=True,
        copy=False,
        help="Disabled: nobody is called. Test: only the test numbers are called. "
        "Live: patients are called.",
    )
    voicebox_url = fields.Char(
        "Campaign URL",
        copy=False,
        groups=ADMIN,
        help="The address Voicebox shows for a campaign started by HTTP request.",
    )
    voicebox_login = fields.Char("Login", copy=False, groups=ADMIN)
    voicebox_password = fields.Char("Password", copy=False, groups=ADMIN)
    voicebox_method = fields.Char(
        "Method ID", copy=False, groups=ADMIN, help="The campaign's method, a UUID."
    )
    voicebox_callback_secret = fields.Char("Callback Secret", copy=False, groups=ADMIN)
    voicebox_previous_secret = fields.Char(copy=False, groups=ADMIN)
    voicebox_previous_secret_until = fields.Datetime(copy=False, groups=ADMIN)
    voicebox_max_lines = fields.Integer(
        "Lines at Once", default=5, help="Calls at the same time. 0: no limit."
    )
    voicebox_calls_per_minute = fields.Integer("Calls per Minute", help="0: no limit.")
    voicebox_test_numbers = fields.Text(
        "Test Numbers",
        groups=ADMIN,
        help="In test mode only these are called. One on each line.",
    )

    # === What is a visit === #
    reminder_visit_rule = fields.Selection(
        [
            ("specialists", "Events of specialists with a patient"),
            ("tags", "Events with certain tags"),
            ("manual", "Only where a patient is set"),
            ("outside", "Every event with a contact from outside"),
        ],
        string="Visits",
        default="specialists",
        required=True,
        help="Which events become visits by themselves. An event in which somebody has "
        "set a patient is always one.",
    )
    reminder_visit_tag_ids = fields.Many2many(
        "calendar.event.type",
        "res_company_reminder_visit_tag_rel",
        "company_id",
        "tag_id",
        "Tags of Visits",
    )
    reminder_visit_synced = fields.Boolean(
        "Events from Calendar Sync, Too",
        help="Also what Google Calendar or Outlook brings may become a visit",
    )

    # === When, whom and how often === #
    reminder_tz = fields.Selection(
        _tz_get,
        string="Clinic Time Zone",
        default=lambda self: self.env.user.tz or "Europe/Moscow",
        help="The zone in which the time of a visit is spoken, and that of a patient "
        "who has none.",
    )
    reminder_calendar_id = fields.Many2one(
        "resource.calendar",
        "Calling Hours",
        default=lambda self: self._default_reminder_calendar(),
        help="Read on the patient's own clock, holidays included.",
    )
    reminder_lead_days = fields.Integer(
        "Days Before the Visit", default=1, help="On which day before the visit to call"
    )
    reminder_spread = fields.Boolean(
        "Spread the Calls over the Day", help="Off: every call as soon as permitted."
    )
    reminder_max_calls = fields.Integer(
        "Calls in All", default=3, help="For one visit, the first call included"
    )
    reminder_pause_no_answer = fields.Integer("Pause after No Answer", default=60)
    reminder_pause_hung_up = fields.Integer("Pause after Hanging Up", default=30)
    reminder_pause_machine = fields.Integer("Pause after a Machine", default=90)
    reminder_pause_no_result = fields.Integer("Pause after No Result", default=30)
    reminder_result_timeout = fields.Integer(
        "Wait for the Result",
        default=15,
        help="Minutes after which a call without a result is given up",
    )
    reminder_min_notice = fields.Integer(
        "Notice before the Visit",
        default=2,
        help="Hours: no call closer to the visit than this",
    )
    reminder_late_booking = fields.Integer(
        "Late Booking",
        help="Hours: a visit booked closer to its start than this needs no call. "
        "0: every visit is called.",
    )
    reminder_phone_daily_cap = fields.Integer(
        "Calls to a Number a Day", help="All visits together. 0: no limit."
    )
    reminder_phone_weekly_cap = fields.Integer(
        "Calls to a Number in Seven Days", help="All visits together. 0: no limit."
    )
    reminder_calls_per_day = fields.Integer(
        "Calls a Day", help="For one visit. 0: no limit but the calls in all."
    )
    reminder_vary_time = fields.Boolean(
        "Vary the Time of Day",
        help="A further call is made in another part of the day, where there is one: "
        "morning, afternoon from 12, evening from 17.",
    )
    reminder_one_call_a_day = fields.Boolean(
        "One Call for the Visits of a Day",
        default=True,
        help="A patient's visits on one day are spoken of in one call.",
    )
    reminder_one_voice = fields.Boolean(
        "No Mail or SMS Reminder once Confirmed",
        help="The calendar's own reminders leave a patient in peace who has confirmed "
        "on the phone. Colleagues still get theirs.",
    )
    reminder_lang = fields.Selection(
        [("ru_RU", "Russian"), ("en_US", "English")],
        "Spoken Language",
        default="ru_RU",
        required=True,
    )
    voicebox_method_ids = fields.One2many(
        "voicebox.method", "company_id", "Campaigns by Language", groups=ADMIN
    )
    reminder_rich_variables = fields.Boolean(
        "More Variables for the Scenario",
        help="Sends weekday, date and time in words, the specialist (“к терапевту”), "
        "the clinic's name and its address as well. Only for a scenario that knows "
        "these variables.",
    )
    reminder_consent_mode = fields.Selection(
        [
            ("off", "Not asked for"),
            ("opt_out", "Call unless refused"),
            ("explicit", "Call only with consent"),
        ],
        string="Consent",
        default="opt_out",
        required=True,
    )
    reminder_retention_days = fields.Integer(
        "Keep Personal Data",
        default=90,
        help="Days after which texts, numbers and raw callbacks of closed calls are "
        "erased. 0: they are kept.",
    )
    reminder_responsible_id = fields.Many2one(
        "res.users",
        "Front Desk",
        help="Who gets a to-do when a patient asks for a person. Empty: the visit's "
        "organizer.",
    )

    # === Constraints and indexes === #
    _voicebox_callback_secret_uniq = models.Constraint(
        "UNIQUE(voicebox_callback_secret)",
        "Two companies can't share one callback secret.",
    )

    @api.constrains("voicebox_url")
    def _check_voicebox_url(self):
        for company in self.sudo().filtered("voicebox_url"):
            try:
                checked_url(company.voicebox_url)
            except VoiceboxConfigurationError:
                raise ValidationError(
                    self.env._(
                        "The campaign URL must be a full address such as "
                        "https://voicebox.example/api/v1/sb, without login or "
                        "password in it."
                    )
                ) from None

    @api.constrains("country_id", "voicebox_mode")
    def _check_reminder_country(self):
        """Without it a number in the country's own notation is none."""
        for company in self.filtered(lambda c: c.voicebox_mode != "disabled"):
            if not company._reminder_setting("country_id"):
                raise ValidationError(
                    self.env._(
                        "Reminder calls can't be switched on yet: “%s” has no country, "
                        "so that its patients' numbers can't be read.",
                        company.name,
                    )
                )

    @api.constrains("voicebox_method")
    def _check_voicebox_method(self):
        for company in self.sudo().filtered("voicebox_method"):
            self.env["voicebox.method"]._check_id(company.voicebox_method)

    @api.constrains(*AT_LEAST_ONE)
    def _check_reminder_at_least_one(self):
        self._check_reminder_minimum(1, *AT_LEAST_ONE)

    @api.constrains(*NOT_NEGATIVE)
    def _check_reminder_not_negative(self):
        self._check_reminder_minimum(0, *NOT_NEGATIVE)

    def _check_reminder_minimum(self, minimum, *names):
        for company in self:
            for name in names:
                if company[name] < minimum:
                    raise ValidationError(
                        self.env._(
                            "“%(setting)s” can't be less than %(minimum)s.",
                            setting=self._fields[name]._description_string(self.env),
                            minimum=minimum,
                        )
                    )

    @api.constrains(
        "reminder_calls_per_day",
        "reminder_lead_days",
        "reminder_max_calls",
        "reminder_min_notice",
        "reminder_phone_daily_cap",
        "reminder_phone_weekly_cap",
    )
    def _check_reminder_contradictions(self):
        """Settings that together leave no call to be made."""
        for company in self:
            if contradiction := company._reminder_contradiction():
                raise ValidationError(contradiction)

    def _reminder_contradiction(self):
        """A sentence on two settings that exclude each other, or an empty text."""
        daily, weekly = self.reminder_phone_daily_cap, self.reminder_phone_weekly_cap
        if weekly and daily > weekly:
            return self.env._(
                "“Calls to a Number a Day” (%(daily)s) can't be more than “Calls to a "
                "Number in Seven Days” (%(weekly)s).",
                daily=daily,
                weekly=weekly,
            )
        if self.reminder_calls_per_day > self.reminder_max_calls:
            return self.env._(
                "“Calls a Day” (%(day)s) can't be more than “Calls in All” (%(all)s).",
                day=self.reminder_calls_per_day,
                all=self.reminder_max_calls,
            )
        if self.reminder_min_notice >= 24 * (self.reminder_lead_days + 1):
            return self.env._(
                "“Notice before the Visit” (hours: %(notice)s) leaves no time on the "
                "day of the calls (days before the visit: %(lead)s).",
                notice=self.reminder_min_notice,
                lead=self.reminder_lead_days,
            )
        return ""

    @api.constrains("reminder_calendar_id")
    def _check_reminder_calendar(self):
        for calendar in self.reminder_calendar_id.filtered("flexible_hours"):
            raise ValidationError(
                self.env._(
                    "“Calling Hours” can't be flexible: “%s” tells how long, not when.",
                    calendar.name,
                )
            )

    @api.constrains("voicebox_test_numbers")
    def _check_voicebox_test_numbers(self):
        for company in self.sudo():
            for number in _lines(company.voicebox_test_numbers):
                if not company._reminder_dialable(number):
                    raise ValidationError(
                        self.env._("The test number %s can't be dialled.", number)
                    )

    @api.constrains(*LARGEST)
    def _check_reminder_maximum(self):
        for company in self:
            for name, largest in LARGEST.items():
                if company[name] > largest:
                    raise ValidationError(
                        self.env._(
                            "“%(setting)s” can't be more than %(maximum)s.",
                            setting=self._fields[name]._description_string(self.env),
                            maximum=largest,
                        )
                    )

    # === Defaults === #
    @api.model
    def _default_reminder_calendar(self):
        return self.env.ref(
            "clinic_voicebox_reminder.reminder_calendar", raise_if_not_found=False
        )

    # === CRUD === #
    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._reminder_set_up()
        return companies

    def write(self, vals):
        result = super().write(vals)
        changed = set(vals)
        channels = self.env["voicebox.channel"].sudo()
        if changed & set(CREDENTIALS):
            channels._for_companies(self)._credentials_changed()
        elif "voicebox_mode" in changed:
            owners = self.mapped(lambda company: company._voicebox_owner())
            channels._for_companies(owners)._resume()
        if changed & WEIGHED:
            self._reminder_mark()
        if changed & CAPS:
            self.env.registry.clear_cache()
        return result

    def _reminder_mark(self):
        """A plan is to look at all visits of these companies and their branches again;
        of every company, where these are none."""
        below = self._reminder_below().ids if self else [EVERY_COMPANY]
        self.env["clinic.reminder.mark"]._leave("company", below)

    @api.model
    @ormcache()
    def _reminder_caps_calls(self):
        """Does any company count the calls to a number?"""
        capped = Domain.OR(Domain(name, ">", 0) for name in CAPS)
        companies = self.sudo().with_context(active_test=False)
        return bool(companies.search_count(capped, limit=1))

    def _reminder_set_up(self):
        """Fill in what a company needs before anybody has opened its settings; a branch
        has it from above."""
        calendar = self._default_reminder_calendar()
        for company in self.sudo().filtered(lambda company: not company.parent_id):
            if not company.voicebox_callback_secret:
                company.voicebox_callback_secret = secrets.token_urlsafe(24)
            if not company.reminder_calendar_id:
                company.reminder_calendar_id = calendar

    # === Business methods === #
    def _reminder_example(self, lang):
        """What the robot would say of a visit tomorrow at half past eleven."""
        specialty = self.env["clinic.reminder.pronunciation"]._pronounce(
            EXAMPLES.get(lang, ""), self
        )
        return speech.spoken_visit(specialty, self._reminder_example_start(), lang)

    def _reminder_example_start(self):
        today = calling_hours.to_local(fields.Datetime.now(), self._reminder_zone())
        return today.replace(hour=11, minute=30) + timedelta(days=1)

    def _reminder_example_rich(self, lang):
        """The variables for richer scenarios, if the clinic sends them."""
        told = [(EXAMPLES.get(lang, ""), self._reminder_example_start())]
        return self.env["clinic.reminder.specialty"]._variables(self, lang, told)

    def _reminder_example_variables(self, lang):
        """All that the scenario would be given for that visit, by its names there."""
        return {
            "name": EXAMPLE_NAMES.get(lang, ""),
            "visit": self._reminder_example(lang),
            **self._reminder_example_rich(lang),
        }

    def _reminder_zone(self):
        """The clinic's zone as a ZoneInfo."""
        return ZoneInfo(self._reminder_setting("reminder_tz") or "UTC")

    def _reminder_last_call(self, start):
        """The last moment at which one may call about a visit: never on its own day.

        :param datetime start: of the visit; naive UTC, as the result
        """
        zone = self._reminder_zone()
        day = calling_hours.to_local(start, zone).date()
        return min(
            start - timedelta(hours=self.reminder_min_notice),
            calling_hours.start_of_day(day, zone) - timedelta(seconds=1),
        )

    def _reminder_dialable(self, number, country=None):
        """A number as it is written in the company's country, in E.164.

        Voicebox dials eleven digits: any other length is no number to call. Of several
        numbers the first counts; one with an extension can't be dialled.

        :return: "+" and eleven digits, or an empty string
        """
        if not number or not any(sign.isdigit() for sign in number):
            return ""
        regions = [self._reminder_setting("country_id")]
        for region in [*regions, country or self.env["res.country"]]:
            formatted = in_e164(number, region.code or None)
            if len(formatted) == 12:
                return formatted
        return ""

    def _reminder_written(self, number, country=None):
        """A number as people read it: the raw text where it can't be dialled."""
        dialable = self._reminder_dialable(number, country)
        if not dialable:
            return number or ""
        return self._phone_format_number(
            dialable, country=self.country_id, force_format="INTERNATIONAL"
        )

    def _voicebox_test_phones(self):
        """The test numbers in E.164, as a list without empty ones."""
        written = _lines(self._reminder_setting("voicebox_test_numbers"))
        return list(filter(None, map(self._reminder_dialable, written)))

    def _voicebox_missing_settings(self):
        """Labels of the credentials that are not filled in, in the user's language."""
        self.ensure_one()
        return [
            self._fields[name]._description_string(self.env)
            for name in CREDENTIALS
            if not (self._reminder_setting(name) or "").strip()
        ]

    def _voicebox_access(self):
        """Address, login and password; to be called as the superuser."""
        names = ("voicebox_url", "voicebox_login", "voicebox_password")
        return tuple(self._reminder_setting(name) for name in names)

    def _voicebox_client(self, method, connections=1):
        """A client for one of the campaigns; to be called as the superuser.

        :raise VoiceboxConfigurationError: with these settings nothing can be sent
        """
        return VoiceboxClient(*self._voicebox_access(), method, connections=connections)

    def _voicebox_new_secret(self):
        """Make a new callback secret; the old one stays valid for a day.

        :raise UserError: a branch calls through another's campaign, whose scenario
            reports with that one's secret
        """
        for company in self.sudo():
            company._check_own_campaign()
            company.write(
                {
                    "voicebox_previous_secret": company.voicebox_callback_secret,
                    "voicebox_previous_secret_until": fields.Datetime.now()
                    + SECRET_OVERLAP,
                    "voicebox_callback_secret": secrets.token_urlsafe(24),
                }
            )

    def _check_own_campaign(self):
        owner = self._voicebox_owner()
        if owner != self or self.parent_id and self._voicebox_missing_settings():
            raise UserError(
                self.env._(
                    "This branch has no campaign of its own: the secret is that of %s.",
                    self._voicebox_secret_owner().name,
                )
            )

    @api.model
    def _voicebox_authenticate(self, offered):
        """The company whose secret this is, or none.

        Every secret of every company is compared, in constant time, whatever matches.

        :param bytes offered: the secret as it came
        """
        now = fields.Datetime.now()
        found = self.browse()
        has_secret = [("voicebox_callback_secret", "!=", False)]
        for company in self.sudo().search_fetch(has_secret, SECRET_FIELDS):
            valid = [company.voicebox_callback_secret]
            until = company.voicebox_previous_secret_until
            valid.append(until and until > now and company.voicebox_previous_secret)
            for secret in valid:
                same = compare_digest((secret or "").encode(), offered)
                if secret and same:
                    found = company
        return found

    def _voicebox_callback_url(self, with_secret=False):
        """The address Voicebox posts to; with the secret where headers can't be set."""
        self.ensure_one()
        base = self.get_base_url().rstrip("/") + CALLBACK_PATH
        if not with_secret:
            return base
        return f"{base}/{self._reminder_setting('voicebox_callback_secret') or ''}"

    def _voicebox_callback_header(self):
        """The Authorization header for Voicebox's HTTP blocks."""
        self.ensure_one()
        return f"Bearer {self._reminder_setting('voicebox_callback_secret') or ''}"


def _lines(text):
    separated = (text or "").replace(",", "\n").replace(";", "\n")
    return [line.strip() for line in separated.splitlines() if line.strip()]
