import base64
import binascii

from werkzeug.exceptions import RequestEntityTooLarge

from odoo import SUPERUSER_ID, http
from odoo.http import request

from ..models.res_company import CALLBACK_PATH
from ..tools import access_log, callback_body

LARGEST_BODY = 16384

access_log.hide_secrets(CALLBACK_PATH)


class CallbackDispatcher(http.HttpDispatcher):
    """A plain HTTP route whose body is ours to read, and whose errors are JSON.

    Odoo would parse a form before the size and the secret are looked at, and answer
    with a page that the robot can't read.
    """

    routing_type = "voicebox_callback"

    def dispatch(self, endpoint, args):
        self.request.params = dict(args)
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def handle_error(self, exc):
        return _answer("error", getattr(exc, "code", None) or 500)


class VoiceboxController(http.Controller):
    @http.route(
        [CALLBACK_PATH, f"{CALLBACK_PATH}/<string:secret>"],
        type="voicebox_callback",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=LARGEST_BODY,
    )
    def callback(self, secret=""):
        """Store and apply what the scenario reports about a call.

        Answers small JSON: 200 for everything authentic, 401 for a wrong or missing
        secret, 413 for a body that is too large, 400 for one that can't be read.
        """
        company = self._authenticate(secret)
        if not company:
            return _answer("unauthorized", 401)
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
        )
        return _answer(callback.disposition or "stored", 200)

    def _authenticate(self, path_secret):
        """The company as the superuser, or none, by the secret in header or path."""
        companies = request.env(user=SUPERUSER_ID, su=True)["res.company"]
        header = request.httprequest.headers.get("Authorization", "")
        by_header = companies._voicebox_authenticate(_header_secret(header))
        by_path = companies._voicebox_authenticate(path_secret.encode())
        return by_header or by_path

    def _multipart_fields(self):
        if request.httprequest.mimetype != "multipart/form-data":
            return None
        return request.httprequest.form.to_dict()


def _answer(status, code):
    return request.make_json_response({"status": status}, status=code)


def _header_secret(header):
    """The secret of a Basic (its password) or Bearer header; empty without one."""
    scheme, _space, value = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode("latin-1", "replace")
    if scheme.lower() != "basic":
        return b""
    try:
        decoded = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return decoded.partition(b":")[2]
