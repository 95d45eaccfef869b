from odoo import http
from odoo.http import request


class BenchmarkController(http.Controller):
    @http.route(
        "/clinic_voicebox_benchmark/touch/<int:partner_id>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def touch(self, partner_id):
        """The least that a public route can do that keeps anything."""
        request.env.cr.execute(
            "UPDATE res_partner SET write_date = now() WHERE id = %s", [partner_id]
        )
        return request.make_json_response({"status": "ok"})
