import base64
import binascii

from werkzeug.exceptions import RequestEntityTooLarge

from odoo import SUPERUSER_ID, http
from odoo.http import request

from ..models.res_company import CALLBACK_PATH
from ..tools import access_log, callback_body
from ..tools.crowd import CALLBACKS

LARGEST_BODY = 16384
HEALTH_PATH = "/clinic_voicebox_reminder/health"

access_log.hide_secrets(CALLBACK_PATH)


class CallbackDispatcher(http.HttpDispatcher):
    """A plain HTTP route whose body is ours to read, and whose errors are JSON.

    Odoo would parse a form before the size and the secret are looked at, log the names
    of what it holds, which a stranger may choose, and answer with a page that the
    robot can't read. A route names the `answered_methods`: with
    Odoo's `methods` the others would get such a page, and OPTIONS would be let in.
    """

    routing_type = "voicebox_callback"

    def dispatch(self, endpoint, args):
        allowed = endpoint.routing["answered_methods"]
        if self.request.httprequest.method not in allowed:
            return _answer("method_not_allowed", 405, Allow=", ".join(allowed))
        self.request.params = dict(args)
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def handle_error(self, exc):
        return _answer("error", getattr(exc, "code", None) or 500)


class VoiceboxController(http.Controller):
    @http.route(
        [CALLBACK_PATH, f"{CALLBACK_PATH}/<path:secret>"],
        type="voicebox_callback",
        auth="public",
        answered_methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=LARGEST_BODY,
    )
    def callback(self, secret=""):
        """Store and apply what the scenario reports about a call.

        Answers small JSON: 200 for everything authentic, 401 for a wrong or missing
        secret, 413 for a body that is too large, 400 for one that can't be read, 405
        for what is no POST. All that stands behind the path is taken for a secret.
        """
        with CALLBACKS:
            return self._take_in(secret)

    def _take_in(self, secret):
        company = self._authenticate(secret)
        if not company:
            return self._refuse()
        try:
            # cached, as Odoo calls us again after a serialization failure
            body = request.httprequest.get_data(cache=True, parse_form_data=False)
        except RequestEntityTooLarge:
            return _answer("too_large", 413)
        if len(body) >= LARGEST_BODY:
            # a body without a length, in chunks, is cut off there
            return _answer("too_large", 413)
        values = callback_body.parse(body, self._multipart_fields())
        if not values:
            return _answer("unreadable", 400)
        callback = company.env["voicebox.callback"]._receive(
            company,
            values,
            payload=body.decode("utf-8", "replace"),
            remote_addr=request.httprequest.remote_addr,
            at_once=not CALLBACKS.is_large,
        )
        kept = "stored" if callback else "counted"
        return _answer(callback.disposition or kept, 200)

    @http.route(
        HEALTH_PATH,
        type="voicebox_callback",
        auth="public",
        answered_methods=["GET", "HEAD"],
        csrf=False,
        save_session=False,
    )
    def health(self):
        """For monitoring: the company whose callback secret is in the header.

        Answers JSON without patients' data: 200 for ok and warning, 503 for error,
        401 and nothing else without the secret.
        """
        company = self._authenticate("")
        if not company:
            return self._refuse()
        report = company.env["clinic.reminder.health"]._report(company)
        code = 503 if report["status"] == "error" else 200
        return request.make_json_response(report, status=code)

    def _authenticate(self, path_secret):
        """The company as the superuser, or none, by the secret in header or path.

        What was refused before is written down first, so that the health route shows
        it. Spaces around a secret are none of it: one of spaces only opens nothing.
        """
        companies = request.env(user=SUPERUSER_ID, su=True)["res.company"].browse()
        companies.env["voicebox.tally"]._write_down()
        header = request.httprequest.headers.get("Authorization", "")
        by_path = path_secret.strip(" /").encode()
        offered = [secret for secret in (_header_secret(header), by_path) if secret]
        found = map(companies._voicebox_authenticate, offered or [b""])
        return next(filter(None, list(found)), companies)

    def _refuse(self):
        """401; counted for the administrator, nothing of the request is kept."""
        request.env["voicebox.tally"].sudo()._count("refused")
        return _answer("unauthorized", 401)

    def _multipart_fields(self):
        if request.httprequest.mimetype != "multipart/form-data":
            return None
        return request.httprequest.form.to_dict()


def _answer(status, code, **headers):
    body = {"status": status}
    return request.make_json_response(body, headers=headers, status=code)


def _header_secret(header):
    """The secret of a Basic (its password) or Bearer header; empty without one."""
    scheme, _space, value = header.encode("latin-1", "replace").strip().partition(b" ")
    if scheme.lower() == b"bearer":
        return value.strip()
    if scheme.lower() != b"basic":
        return b""
    try:
        decoded = base64.b64decode(value.strip(), validate=True)
    except binascii.Error:
        return b""
    return decoded.partition(b":")[2].strip()
