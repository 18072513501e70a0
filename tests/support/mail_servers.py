"""Real mail servers on loopback for tests: Debian's dovecot, and an SMTP server that can be made to fail."""

from __future__ import annotations

import asyncio
import imaplib
import ipaddress
import logging
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DOVECOT = Path("/usr/sbin/dovecot")
USER, PASSWORD = "data", "kata-sandi-ä"
TIDY = timedelta(days=1)
CONFIG = """
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {owner}
first_valid_uid = 1
disable_plaintext_auth = no
ssl = yes
ssl_cert = <{place}/cert.pem
ssl_key = <{place}/key.pem
mail_location = maildir:{place}/mail/%u
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {place}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={place}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
{more}
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def make_certificate(folder: Path) -> None:
    """Write ``cert.pem`` and ``key.pem`` of 127.0.0.1 and localhost, signed by nobody else."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(tz=UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - TIDY)
        .not_valid_after(now + TIDY)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


@dataclass(frozen=True)
class Dovecot:
    """A running dovecot with one user."""

    place: Path
    plain_port: int
    tls_port: int

    @property
    def certificate(self) -> Path:
        return self.place / "cert.pem"

    @contextmanager
    def session(self) -> Iterator[imaplib.IMAP4]:
        """The user's own mail program."""
        connection = imaplib.IMAP4("127.0.0.1", self.plain_port, timeout=20)
        try:
            connection.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
            yield connection
        finally:
            connection.logout()

    def deliver(self, *messages: bytes, at: datetime, folder: str = "INBOX") -> None:
        """Put messages into a folder, as if they had come in at ``at`` (naive UTC)."""
        date = imaplib.Time2Internaldate(at.replace(tzinfo=UTC))
        with self.session() as connection:
            for message in messages:
                assert connection.append(folder, None, date, message)[0] == "OK"

    def count(self, folder: str) -> int:
        """Messages in a folder; 0 if there is none of that name."""
        with self.session() as connection:
            status, found = connection.select(f'"{folder}"', readonly=True)
            return int(found[0]) if status == "OK" else 0

    def flags(self, folder: str) -> list[str]:
        """Flags of every message of a folder."""
        with self.session() as connection:
            connection.select(f'"{folder}"', readonly=True)
            return [line.decode() for line in connection.fetch("1:*", "(FLAGS)")[1] if line]

    def empty(self) -> None:
        """Remove all messages of all folders."""
        with self.session() as connection:
            for line in connection.list()[1]:
                folder = line.decode().rpartition(' "." ')[2].strip('"') or "INBOX"
                if connection.select(f'"{folder}"')[1] != [b"0"]:
                    connection.store("1:*", "+FLAGS", "\\Deleted")
                connection.close()
                if folder != "INBOX":
                    connection.delete(f'"{folder}"')


@contextmanager
def dovecot(more: str = "") -> Iterator[Dovecot]:
    """Run dovecot as a plain user: as whoever runs the tests, or as ``nobody`` where that is root.

    Its sockets need short paths that the plain user may enter, so it does not lie below pytest's folder.
    """
    owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    place = Path(tempfile.mkdtemp(prefix="dovecot-"))
    as_owner: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid} if os.getuid() == 0 else {}
    if as_owner:
        as_owner["extra_groups"] = []
    process = None
    try:
        ports = free_port(), free_port()
        make_certificate(place)
        (place / "users").write_text(f"{USER}:{PASSWORD}::::::\n", encoding="utf-8")
        group = subprocess.run(
            ["id", "-gn", owner.pw_name], capture_output=True, text=True, check=True
        ).stdout
        config = CONFIG.format(
            place=place,
            owner=owner.pw_name,
            group=group.strip(),
            plain_port=ports[0],
            tls_port=ports[1],
            more=more,
        )
        (place / "dovecot.conf").write_text(config, encoding="utf-8")
        for name in ("run", "state", "mail"):
            (place / name).mkdir()
        if as_owner:
            for item in (place, *place.rglob("*")):
                os.chown(item, owner.pw_uid, owner.pw_gid)
        process = subprocess.Popen(
            [str(DOVECOT), "-F", "-c", str(place / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=(place / "errors").open("wb"),
            **as_owner,
        )
        _wait_for(ports[0], process, place)
        yield Dovecot(place, *ports)
    finally:
        if process is not None:
            process.terminate()
            process.wait(20)
        shutil.rmtree(place, ignore_errors=True)


def _wait_for(port: int, process: subprocess.Popen[bytes], place: Path) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                if connection.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.1)
    said = "".join((place / name).read_text() for name in ("errors", "log") if (place / name).exists())
    raise AssertionError(f"dovecot does not start: {said}")


@dataclass
class Received:
    """What an SMTP server took, and how it is to fail: step -> what it answers, ``cut`` or ``slow``."""

    messages: list[tuple[str, str, bytes]] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    connections: int = 0

    def parsed(self) -> list[EmailMessage]:
        return [BytesParser(policy=default).parsebytes(content) for _, _, content in self.messages]

    async def _fault(self, server: Any, step: str) -> str | None:
        fault = self.faults.get(step)
        if fault == "cut":
            server.transport.abort()
        elif fault == "slow":
            await asyncio.sleep(6)
        return fault if fault not in (None, "slow") else None

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.connections += 1
        if said := await self._fault(server, "MAIL"):
            return said
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if said := await self._fault(server, "RCPT"):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.faults.get("DATA") in (None, "cut", "slow"):  # taken, whatever the client hears of it
            self.messages.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content))
        if said := await self._fault(server, "DATA"):
            return said
        return "250 taken"


@dataclass(frozen=True)
class Smtp:
    """A running SMTP server."""

    port: int
    received: Received


@contextmanager
def smtp_server(certificate: Path | None = None, **options: Any) -> Iterator[Smtp]:
    """Run an SMTP server; with a certificate it speaks TLS from the first byte."""
    from aiosmtpd.controller import Controller  # noqa: PLC0415

    logging.getLogger("mail.log").disabled = True  # its own log tells all that was sent
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    received = Received()
    port = free_port()
    controller = Controller(received, "127.0.0.1", port, ssl_context=context, **options)
    controller.start()
    try:
        yield Smtp(port, received)
    finally:
        controller.stop()
