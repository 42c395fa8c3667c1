"""``ramba.dashboard()``: the same numbers live, for a browser on this machine.

A server of the standard library on loopback, on a port that the system picks; who does not know the token of the
address gets nothing. It runs only between the call and `Dashboard.close`, or the end of the program.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from types import TracebackType
from typing import Any

from ramba.pictures.live import Live

HOST = "127.0.0.1"
# a page of ours may talk to us and to nobody else
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"


class Dashboard:
    """What `ramba.dashboard` gives: `url` is the address, with its token."""

    def __init__(self, port: int = 0) -> None:
        self._token = secrets.token_urlsafe(24)
        self._live = Live()
        try:
            self._server = ThreadingHTTPServer((HOST, port), partial(_Handler, self._token, self._live))
        except BaseException:
            self._live.close()
            raise
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.url = f"http://{HOST}:{self.port}/{self._token}/"
        serve = partial(self._server.serve_forever, poll_interval=0.1)
        self._thread = threading.Thread(target=serve, name="ramba-dashboard", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends it; closing twice does no harm."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()
        self._live.close()

    def __enter__(self) -> Dashboard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<dashboard at {self.url}>" if self._thread.is_alive() else "<dashboard, closed>"


class _Handler(BaseHTTPRequestHandler):
    """Answers for the page and for its numbers; everything else is not found."""

    def __init__(self, token: str, live: Live, *of_server: Any) -> None:
        self._token, self._live = token, live
        super().__init__(*of_server)

    def do_GET(self) -> None:
        """One answer."""
        place = self._place()
        if place == "":
            self._send("text/html; charset=utf-8", _page())
        elif place == "state":
            self._send("application/json", json.dumps(self._live.state()))
        else:
            self.send_error(404)

    def _place(self) -> str | None:
        """What was asked for; None for who does not know the token, or was led here by another name of this host."""
        _, token, *rest = [*self.path.split("/"), ""]
        address: Any = self.server.server_address
        port = address[1]
        known = self.headers.get("Host", "") in (f"{HOST}:{port}", f"localhost:{port}")
        same = hmac.compare_digest(token.encode("utf-8", "replace"), self._token.encode())
        return "/".join(rest).strip("/") if known and same and rest != [""] else None

    def _send(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        for name, value in (
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", POLICY),
            ("Cache-Control", "no-store"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *what: object) -> None:
        """Says nothing: the token is in the address."""


def _page() -> str:
    folder = files(__package__)
    page, style, script = ((folder / name).read_text() for name in ("dashboard.html", "page.css", "dashboard.js"))
    return page.replace("/*style*/", style).replace("/*script*/", script)


__all__ = ["Dashboard"]
