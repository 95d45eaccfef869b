from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# what a sync writes on the events it brings
SYNC_IDS = ("google_id", "microsoft_id", "ms_universal_event_id")
SYNC_MARKS = ("need_sync", "need_sync_m")
# other modules' own names for the record that an event belongs to
LINKS = ("applicant_id", "opportunity_id", "res_model_id")
# Some modules copy the model under a name of their own, and our fields and methods
# with it. Their records' ids are no events': nothing of ours is done to them
CALENDAR = "calendar.event"
CHOICES = {
    "patient_id": "is_patient_chosen",
    "specialist_id": "is_specialist_chosen",
    "reminder_company_id": "is_reminder_company_chosen",
}
# what another clinic's staff leave alone
VISIT_FIELDS = {
    "patient_id",
    "reminder_company_id",
    "specialist_id",
    "specialty",
    "visit_status",
    "visit_status_note",
    "visit_status_reason",
}


class CalendarEventVisit(models.Model):
    """Which events are visits; of whom, with whom, and at which clinic."""

    # below the visit's own file, which stands on these fields
    _inherit = "calendar.event"  # pylint: disable=R8180

    patient_id = fields.Many2one(
        "res.partner",
        compute="_compute_patient_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        tracking=True,
        help="With a patient the event is a visit, and the patient gets a reminder "
        "call the day before.",
    )
    is_patient_chosen = fields.Boolean(
        "Patient Set on Purpose",
        readonly=True,
        export_string_translation=False,
        help="For a form: what somebody chose is not proposed anew",
    )
    specialist_id = fields.Many2one(
        "res.users",
        compute="_compute_specialist_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        domain="[('share', '=', False)]",
        help="Who sees the patient; proposed from the organizer and the attendees",
    )
    is_specialist_chosen = fields.Boolean(
        readonly=True, export_string_translation=False
    )
    reminder_company_id = fields.Many2one(
        "res.company",
        "Clinic",
        compute="_compute_reminder_company_id",
        store=True,
        readonly=False,
        index="btree_not_null",
        help="Whose robot calls, and by whose rules; proposed from the specialist",
    )
    is_reminder_company_chosen = fields.Boolean(
        readonly=True, export_string_translation=False
    )
    is_from_sync = fields.Boolean(
        "Made by a Calendar Sync", readonly=True, export_string_translation=False
    )

    # a specialist's visits of some days, a clinic's of some weeks
    _specialist_start_idx = models.Index(
        "(specialist_id, start) WHERE patient_id IS NOT NULL"
    )
    _visit_start_idx = models.Index("(start) WHERE patient_id IS NOT NULL")

    # === Computes === #
    @api.depends("categ_ids", "partner_ids", "privacy", "res_model_id", "specialist_id")
    def _compute_patient_id(self):
        for event in self:
            if not event._keeps_patient():
                event.patient_id = event._patient_by_rule()

    def _keeps_patient(self):
        """A visit stays one; in a form that is not saved only what somebody chose."""
        return self.patient_id and (self._origin or self.is_patient_chosen)

    @api.depends("user_id")
    def _compute_specialist_id(self):
        """Follows the organizer, as long as it is the organizer."""
        for event in self:
            if not event.specialist_id:
                event.specialist_id = event._proposed_specialist()
            elif not event.is_specialist_chosen:
                event.specialist_id = event.user_id

    @api.depends("specialist_id.company_id")
    def _compute_reminder_company_id(self):
        """What is over stays with the clinic where it was."""
        now = fields.Datetime.now()
        for event in self:
            is_over = event.stop and event.stop < now and event.reminder_company_id
            if not is_over and not event._has_chosen_company():
                event.reminder_company_id = event._proposed_company()

    def _has_chosen_company(self):
        return self.is_reminder_company_chosen and self.reminder_company_id

    # === What is a visit === #
    def _is_reminder_visit(self):
        """Is this event a visit?

        A patient who was set on purpose always makes one, and a visit stays one. Else
        the event has to have somebody from outside who may be a patient, and to fall
        under its clinic's rule. Never by themselves: events that belong to another
        record, private ones, and those that a calendar sync made, unless the clinic
        wants them.

        Other modules extend it; what it depends on they add to the dependencies of
        ``_compute_patient_id``.
        """
        self.ensure_one()
        if self._keeps_patient():
            return True
        event = self.sudo()
        company = event._reminder_company()
        return (
            not event._belongs_elsewhere()
            and (event.effective_privacy or "public") == "public"
            and (company.reminder_visit_synced or not event.is_from_sync)
            and event._falls_under(company)
        )

    def _belongs_elsewhere(self):
        """Is it a meeting about another module's record: a candidate, a leave?"""
        return any(self[name] for name in LINKS if name in self._fields)

    def _falls_under(self, company):
        """Does the clinic's rule make a visit of it?"""
        if company.reminder_visit_rule == "tags":
            tags = company._reminder_setting("reminder_visit_tag_ids")
            return bool(self.categ_ids & tags)
        if company.reminder_visit_rule == "specialists":
            return (self.specialist_id or self.user_id).takes_visits
        return company.reminder_visit_rule == "outside"

    def _patient_by_rule(self):
        """The patient, where the event is a visit by itself; else nobody."""
        if self._name != CALENDAR:
            return False
        proposed = self._proposed_patient()
        return proposed if proposed and self._is_reminder_visit() else False

    def _proposed_patient(self):
        """The attendee from outside; never the organizer.

        Companies and their people are proposed only where every contact from outside
        is a patient: they are suppliers, partners and payers.
        """
        outside = self.partner_ids.filtered(
            lambda p: p != self.user_id.partner_id and p._is_reminder_outsider()
        )
        if not outside:
            return outside
        people = outside.filtered(lambda partner: not partner.is_company)
        company = self._reminder_company().sudo()
        if company.reminder_visit_rule == "outside":
            return (people or outside)[:1]
        return people.filtered(lambda p: not p.commercial_partner_id.is_company)[:1]

    # === Whose visit it is === #
    def _proposed_specialist(self):
        """The organizer who takes visits, else the attendee who does; else the
        organizer."""
        organizer = self.user_id
        if organizer.sudo().takes_visits:
            return organizer
        attending = self.partner_ids.sudo().user_ids.filtered("takes_visits")
        return attending[:1].sudo(False) or organizer

    def _proposed_company(self):
        """The specialist's, else the patient's, else the creator's."""
        event = self.sudo()
        return (
            event.specialist_id.company_id
            or event.user_id.company_id
            or event.patient_id.company_id
            or event.create_uid.company_id
            or self.env.company
        )

    def _reminder_company(self):
        """The visit's clinic; events from before this module have none of their own."""
        self.ensure_one()
        return self.sudo().reminder_company_id or self._proposed_company()

    # === In a form === #
    @api.onchange("patient_id")
    def _onchange_patient_chosen(self):
        self.is_patient_chosen = False
        if self.patient_id != self._patient_by_rule():
            self.is_patient_chosen = bool(self.patient_id)

    @api.onchange("specialist_id")
    def _onchange_specialist_chosen(self):
        self.is_specialist_chosen = self._is_other_specialist()

    @api.onchange("reminder_company_id")
    def _onchange_reminder_company_chosen(self):
        self.is_reminder_company_chosen = self._is_other_company()

    # === CRUD === #
    def init(self):
        """:raise UserError: another module has a patient of its own on events"""
        made = super().init()
        comodel = self._fields["patient_id"].comodel_name
        if self._name == CALENDAR and comodel != "res.partner":
            raise UserError(
                self.env._(
                    "Another module keeps “%s” as the patient of calendar events. It "
                    "and Clinic Voicebox Reminder can't be installed together.",
                    comodel,
                )
            )
        return made

    @api.model_create_multi
    def create(self, vals_list):
        if self._name != CALENDAR:
            return super().create(vals_list)
        rows = [self._with_sync_mark(vals) for vals in vals_list]
        events = super().create(rows)
        for event, vals in zip(events, vals_list, strict=True):
            proposed = {"specialist_id": event.specialist_id.id}
            if choices := event._choices_in({**proposed, **vals}):
                event.write(choices)
        return events

    def write(self, vals):
        if self._name != CALENDAR:
            return super().write(vals)
        if VISIT_FIELDS & set(vals):
            self._check_own_clinic()
        result = super().write(vals)
        if CHOICES.keys() & set(vals):
            for event in self.exists():
                if choices := event._choices_in(vals):
                    event.write(choices)
                event._propose_the_rest()
        return result

    def _with_sync_mark(self, vals):
        """Events from a sync are known by what it writes on them."""
        by_id = any(vals.get(name) for name in SYNC_IDS)
        writes = self.env.context.get("dont_notify")
        by_mark = writes and any(vals.get(name) is False for name in SYNC_MARKS)
        if "patient_id" in vals or not (by_id or by_mark):
            return vals
        return {**vals, "is_from_sync": True}

    def _choices_in(self, vals):
        """The marks to set: what people set otherwise than proposed is theirs, and
        follows no more.

        A form sends what it had proposed as if somebody had set it. Odoo's own copies,
        as for a series, bring the choices with them.
        """
        is_chosen = {
            "is_patient_chosen": lambda: True,
            "is_specialist_chosen": self._is_other_specialist,
            "is_reminder_company_chosen": self._is_other_company,
        }
        chosen = {
            mark: is_chosen[mark]()
            for name, mark in CHOICES.items()
            if vals.get(name) and mark not in vals
        }
        return {mark: value for mark, value in chosen.items() if self[mark] != value}

    def _propose_the_rest(self):
        """An event from before this module, or brought by SQL, has become a visit."""
        if self.patient_id and not self.specialist_id:
            for name in ("specialist_id", "reminder_company_id", "specialty"):
                if not self[name]:
                    self.env.add_to_compute(self._fields[name], self)

    def _is_other_specialist(self):
        return self.specialist_id != self.user_id

    def _is_other_company(self):
        return self.reminder_company_id != self._proposed_company()

    def _check_own_clinic(self):
        """Another clinic's visits are its own to change, and their specialists'.

        :raise AccessError: the user is of none of the clinics
        """
        if self.env.su:
            return
        user = self.env.user
        foreign = self.sudo().filtered(
            lambda event: (
                event.patient_id
                and event._reminder_company() not in user.company_ids
                and user not in (event.specialist_id, event.user_id)
            )
        )
        if foreign:
            raise AccessError(
                self.env._(
                    "This is a visit to another clinic: %s. Please ask its front desk.",
                    ", ".join(foreign.mapped(lambda e: e._reminder_company().name)),
                )
            )
