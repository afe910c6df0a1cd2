"""Somebody outside who listens: what reaches them has left a sandbox. Only the standard library; see `canaries`."""

import contextlib
import socket
import threading
from pathlib import Path

SAID_BYTES = 2**16


class Listeners:
    """Somebody who listens on the loopback, TCP and UDP, and on two unix sockets, and notes what is said."""

    def __init__(self, abstract: str, path: Path, tcp: int = 0, udp: int = 0) -> None:
        self.heard: list[bytes] = []
        self.abstract = abstract
        self._sockets = [
            socket.socket(socket.AF_INET, socket.SOCK_STREAM),
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
            socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
        ]
        addresses: list[tuple[str, int] | str] = [
            ("127.0.0.1", tcp),
            ("127.0.0.1", udp),
            f"\0{abstract}",
            str(path),
        ]
        for one, address in zip(self._sockets, addresses, strict=True):
            one.bind(address)
        path.chmod(0o777)
        for one in self._sockets:
            threading.Thread(target=self._listen, args=(one,), daemon=True).start()

    def listen_for(self, name: str, folder: Path) -> None:
        """Listen on a unix socket of one attack's own: whoever speaks there, that attack has made them."""
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        one.bind(str(folder / f"listener-{name}"))
        (folder / f"listener-{name}").chmod(0o777)
        self._sockets.append(one)
        threading.Thread(target=self._listen, args=(one, name.encode()), daemon=True).start()

    @property
    def ports(self) -> tuple[int, int]:
        """The TCP port and the UDP port."""
        return self._sockets[0].getsockname()[1], self._sockets[1].getsockname()[1]

    def _listen(self, one: socket.socket, made_by: bytes = b"") -> None:
        with contextlib.suppress(OSError):
            if one.type == socket.SOCK_DGRAM:
                while True:
                    self.heard.append(one.recv(SAID_BYTES))
            one.listen(64)
            while True:
                connection = one.accept()[0]
                connection.settimeout(2.0)
                with connection, contextlib.suppress(OSError):
                    self.heard.append(made_by + connection.recv(SAID_BYTES))

    def close(self) -> None:
        """Stop listening."""
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
