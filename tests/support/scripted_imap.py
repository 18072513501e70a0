"""An IMAP server that says what a test wants: dovecot cannot be made to answer BAD to what is right."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_BEFORE = {
    "CAPABILITY": "* CAPABILITY IMAP4rev1 MOVE",
    "SELECT": "* OK [UIDVALIDITY 7] valid",
    "LOGOUT": "* BYE until later",
}


@dataclass
class Scripted:
    """A running server: where it listens, and the names of the commands it heard."""

    port: int
    heard: list[str] = field(default_factory=list)


@contextmanager
def scripted_imap(greeting: str = "* OK ready", **answers: str) -> Iterator[Scripted]:
    """Run a server that greets so and answers the named commands so; all others it says it has done."""
    running = Scripted(0)

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say(greeting)
            for line in self.rfile:
                tag, name, *words = line.decode().split()
                name = words[0] if name == "UID" else name
                running.heard.append(name)
                if name in _BEFORE:
                    self._say(_BEFORE[name])
                self._say(f"{tag} {answers.get(name, 'OK done')}")

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as server:
        server.daemon_threads = True
        running.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
