"""Mail servers: where they are, how they are spoken to, and what their failures mean.

What a server says may hold addresses, so no text of a server is ever repeated: only what kind of failure
it was. A wrong password or certificate is for a person to mend; a server that is away may come back.
"""

from __future__ import annotations

import imaplib
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from siklatih.errors import MendError, ServerAwayError
from siklatih.mail.senders import ADDRESS
from siklatih.settings import Settings

_IMAP_PORTS = {"implicit": 993, "starttls": 143, "none": 143}
_SMTP_PORTS = {"implicit": 465, "starttls": 587, "none": 25}
_NO_TLS_THERE = {"WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "HTTP_REQUEST"}


@dataclass(frozen=True)
class Server:
    """One server. ``kind`` is ``IMAP`` or ``SMTP``, as in the names of its settings."""

    kind: str
    host: str
    port: int
    user: str | None
    password: SecretStr | None
    tls: str
    ca_file: Path | None
    seconds: int

    def context(self) -> ssl.SSLContext | None:
        """Return how certificates are checked; None where nothing is encrypted, on this machine only."""
        if self.tls == "none":
            if not _is_here(self.host):
                raise MendError(
                    f"{self.kind.lower()}_plain",
                    en=f"SIKLATIH_{self.kind}_TLS=none is for a server on this very machine (127.0.0.1, "
                    "localhost). Use implicit or starttls.",
                    id_=f"SIKLATIH_{self.kind}_TLS=none hanya untuk server pada mesin ini sendiri "
                    "(127.0.0.1, localhost). Pakai implicit atau starttls.",
                )
            return None
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except OSError:  # ssl.SSLError is one
            raise MendError(
                f"{self.kind.lower()}_ca_file",
                en=f"The file of SIKLATIH_{self.kind}_CA_FILE cannot be read as certificates (PEM).",
                id_=f"Berkas SIKLATIH_{self.kind}_CA_FILE tidak dapat dibaca sebagai sertifikat (PEM).",
            ) from None

    def login_refused(self) -> MendError:
        """The error that says to look at user and password."""
        return MendError(
            f"{self.kind.lower()}_login",
            en=f"The {self.kind} server refuses the login. Check SIKLATIH_{self.kind}_USER and "
            f"SIKLATIH_{self.kind}_PASSWORD; some services want a password made for programs.",
            id_=f"Server {self.kind} menolak masuk. Periksa SIKLATIH_{self.kind}_USER dan "
            f"SIKLATIH_{self.kind}_PASSWORD; ada layanan yang meminta sandi khusus aplikasi.",
        )

    def without_tls(self) -> MendError:
        """The error that says to look at port and kind of encryption."""
        return MendError(
            f"{self.kind.lower()}_tls",
            en=f"The {self.kind} server does not encrypt in the way that SIKLATIH_{self.kind}_TLS says. "
            f"Check it and SIKLATIH_{self.kind}_PORT.",
            id_=f"Server {self.kind} tidak memakai enkripsi seperti SIKLATIH_{self.kind}_TLS. Periksa itu "
            f"dan SIKLATIH_{self.kind}_PORT.",
        )

    def away(self) -> ServerAwayError:
        """The error that may pass by itself."""
        return ServerAwayError(
            f"{self.kind.lower()}_away",
            en=f"The {self.kind} server cannot be reached or broke off; it will be tried again. If it stays "
            f"so, check SIKLATIH_{self.kind}_HOST, the port and the network.",
            id_=f"Server {self.kind} tidak terjangkau atau memutus sambungan; akan dicoba lagi. Bila tetap "
            f"demikian, periksa SIKLATIH_{self.kind}_HOST, porta, dan jaringan.",
        )


def servers(settings: Settings) -> tuple[Server, Server]:
    """Return the IMAP and the SMTP server of the settings.

    Raises:
        MendError: one of them, or the replies' sender, is not set.
    """
    needed = {
        "SIKLATIH_IMAP_HOST": settings.imap_host,
        "SIKLATIH_IMAP_USER": settings.imap_user,
        "SIKLATIH_IMAP_PASSWORD": settings.imap_password,
        "SIKLATIH_SMTP_HOST": settings.smtp_host,
        "SIKLATIH_SMTP_SENDER": settings.smtp_sender and ADDRESS.fullmatch(settings.smtp_sender),
    }
    missing = ", ".join(name for name, value in needed.items() if not value)
    if missing or settings.imap_host is None or settings.smtp_host is None:
        raise MendError(
            "mailbox_off",
            en=f"No mailbox is set up: {missing} not set, or not usable. See docs/operations.md.",
            id_=f"Kotak surat belum disiapkan: {missing} belum ditetapkan atau tidak dapat dipakai. "
            "Lihat docs/operations.md.",
        )
    return (
        Server(
            "IMAP",
            settings.imap_host,
            settings.imap_port or _IMAP_PORTS[settings.imap_tls],
            settings.imap_user,
            settings.imap_password,
            settings.imap_tls,
            settings.imap_ca_file,
            settings.mail_seconds,
        ),
        Server(
            "SMTP",
            settings.smtp_host,
            settings.smtp_port or _SMTP_PORTS[settings.smtp_tls],
            settings.smtp_user or None,
            settings.smtp_password,
            settings.smtp_tls,
            settings.smtp_ca_file,
            settings.mail_seconds,
        ),
    )


@contextmanager
def failures_named(server: Server) -> Iterator[None]:
    """Turn what the libraries raise into errors for people, or into one that may pass."""
    try:
        yield
    except ssl.SSLCertVerificationError:
        raise MendError(
            f"{server.kind.lower()}_certificate",
            en=f"The certificate of the {server.kind} server is not trusted, so nothing was said to it. "
            f"Check SIKLATIH_{server.kind}_HOST; for an authority of your own, "
            f"SIKLATIH_{server.kind}_CA_FILE.",
            id_=f"Sertifikat server {server.kind} tidak tepercaya, maka sambungan tidak diteruskan. Periksa "
            f"SIKLATIH_{server.kind}_HOST; bila memakai otoritas sendiri, SIKLATIH_{server.kind}_CA_FILE.",
        ) from None
    except ssl.SSLError as error:
        raise (server.without_tls() if error.reason in _NO_TLS_THERE else server.away()) from None
    except (OSError, imaplib.IMAP4.error):  # smtplib's errors are OSErrors
        raise server.away() from None


def _is_here(host: str) -> bool:
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
