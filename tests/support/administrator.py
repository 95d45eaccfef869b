"""The administrator in the first hour: a company in which nothing was done yet."""

from dataclasses import dataclass

from clinic import ADDON, LOGIN, METHOD, PASSWORD

FIRST_STEPS = "/odoo/clinic-first-steps"
SETTINGS = f"/odoo/action-{ADDON}.res_config_settings_action"
CREDENTIALS = {
    "voicebox_login": LOGIN,
    "voicebox_password": PASSWORD,
    "voicebox_method": METHOD,
}


@dataclass
class NewClinic:
    """Another company of the server, and its administrator."""

    clinic: object
    company_id: int
    login: str

    @property
    def row(self):
        sql = "SELECT * FROM res_company WHERE id = %s"
        return self.clinic.rows(sql, self.company_id)[0]

    @property
    def went_live(self):
        sql = "SELECT * FROM clinic_going_live WHERE company_id = %s"
        return self.clinic.rows(sql, self.company_id)

    def sign_in(self):
        return self.clinic.sign_in(self.login, f"{self.login}-of-the-tests")

    def write(self, **values):
        self.clinic.admin("res.company", "write", [self.company_id], values)


def new_clinic(clinic, name, lang):
    """A company fresh from the installation, with an administrator who reads `lang`."""
    speak(clinic, lang)
    country = clinic._ref("base.ru")
    company = clinic.admin(
        "res.company", "create", [{"name": f"{name} {lang}", "country_id": country}]
    )[0]
    login = f"{name}-{lang}"
    groups = ("base.group_system", f"{ADDON}.group_administrator")
    user = {
        "name": login,
        "login": login,
        "password": f"{login}-of-the-tests",
        "lang": lang,
        "tz": "Europe/Moscow",
        "company_id": company,
        "company_ids": [(6, 0, [company])],
        "group_ids": [(6, 0, [clinic._ref(group) for group in groups])],
    }
    clinic.admin("res.users", "create", [user])
    return NewClinic(clinic, company, login)


def speak(clinic, lang):
    """Install a language as an administrator does."""
    found = clinic.admin(
        "res.lang",
        "search_read",
        [("code", "=", lang)],
        ["active"],
        context={"active_test": False},
    )[0]
    if not found["active"]:
        values = {"lang_ids": [(6, 0, [found["id"]])]}
        wizard = clinic.admin("base.language.install", "create", [values])
        clinic.admin("base.language.install", "lang_install", wizard)


def ring(person, number):
    """Make a test call as its dialog does."""
    values = {"number": number, "spoken_name": "Валерия", "spoken_visit": "Терапевт"}
    call = person("voicebox.test.call", "create", [values])
    person("voicebox.test.call", "action_call", call)
