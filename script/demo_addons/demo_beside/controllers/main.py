"""Odoo forbids frames, and the product leaves it so; the demo allows one."""

import os

from odoo.http import route

from odoo.addons.web.controllers.home import Home

POLICY = f"frame-ancestors 'self' {os.environ.get('DEMO_BESIDE', '')}"


class FramedHome(Home):
    @route()
    def web_client(self, *args, **kwargs):
        return framed(super().web_client(*args, **kwargs))

    @route()
    def web_login(self, *args, **kwargs):
        return framed(super().web_login(*args, **kwargs))


def framed(response):
    """The same page, which the simulator's may show in a frame."""
    response.headers.pop("X-Frame-Options", None)
    response.headers["Content-Security-Policy"] = POLICY
    return response
