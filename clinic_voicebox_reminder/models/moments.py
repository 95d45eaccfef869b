"""Moments and days in words, in the language and zone of the context."""

from babel.dates import format_date, format_time

from odoo import fields
from odoo.tools import babel_locale_parse


def today_at(company):
    """The date on the clinic's own calendar."""
    tz = company._reminder_setting("reminder_tz")
    return fields.Date.context_today(company.with_context(tz=tz))


def day_in_words(env, day):
    """ "6 June" """
    return format_date(day, "d MMMM", locale=_locale(env))


def hour_in_words(env, local):
    """ "9:00"; "09:00" in a language whose lists show it so, as Russian's."""
    two_digits = "HH" in _locale(env).time_formats["short"].pattern
    return format_time(local, "HH:mm" if two_digits else "H:mm", locale=_locale(env))


def _locale(env):
    return babel_locale_parse(env.lang or "en_US")


def parts_in_words(env, moment):
    """A naive UTC moment as (day in words, hour, is it today)."""
    here = env["base"]
    local = fields.Datetime.context_timestamp(here, moment)
    today = fields.Datetime.context_timestamp(here, fields.Datetime.now())
    day = day_in_words(env, local.date())
    return day, hour_in_words(env, local), local.date() == today.date()


def moment_in_words(env, moment):
    """The hour of a naive UTC moment; the day as well, if that is not today."""
    day, hour, is_today = parts_in_words(env, moment)
    return hour if is_today else f"{day}, {hour}"


def visit_in_words(visit):
    """Day and hour of a visit, the day alone if it has no hour; empty for none."""
    if not visit:
        return ""
    if visit.allday:
        return day_in_words(visit.env, visit.start_date)
    day, hour, _is_today = parts_in_words(visit.env, visit.start)
    return f"{day}, {hour}"
