"""Shows the built book in a browser: `scaleml serve`."""

from __future__ import annotations

import errno
import http.server
import socket
import webbrowser
from functools import partial
from pathlib import Path

import psutil

from scaleml_course.course.errors import UserError

HOST = "127.0.0.1"


def make_server(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server for `folder` on this machine's loopback only; port 0 takes a free one.

    Raises
    ------
    UserError
        If the book is not built, or the port is taken; the message says by whom.
    """
    if not (folder / "index.html").exists():
        raise UserError(f"No book at {folder}.", remedy="Build it first: scaleml book")
    handler = partial(_QuietHandler, directory=str(folder))
    try:
        return _Server((HOST, port), handler)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            why = "is taken" + _owner(port) if error.errno == errno.EADDRINUSE else "is not yours to open"
            raise UserError(
                f"Port {port} {why}.", remedy=f"Choose another: scaleml serve --port {_free_port()}"
            ) from None
        raise


def serve(folder: Path, port: int, *, open_browser: bool) -> None:
    """Serve until interrupted."""
    with make_server(folder, port) as server:
        address = f"http://{HOST}:{server.server_address[1]}/"
        print(f"The book is at {address} (stop with Ctrl-C)", flush=True)
        if open_browser:
            webbrowser.open(address)
        server.serve_forever()


class _Server(http.server.ThreadingHTTPServer):
    allow_reuse_address = True  # a port in TIME_WAIT is free; one that someone listens on is still refused
    daemon_threads = True


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """A line a request would bury the address."""


def _owner(port: int) -> str:
    """Which process listens on `port`, as far as the system tells us."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            if not (connection.status == psutil.CONN_LISTEN and connection.laddr and connection.pid):
                continue
            if connection.laddr.port == port:
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:
        pass
    return ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
