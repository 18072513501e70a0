"""Settings: the only place that reads the environment (prefix ``SIKLATIH_``, or a file ``.env``)."""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from siklatih.errors import MendError
from siklatih.limits import MEGABYTE, Limits

CHECKOUT = Path(__file__).resolve().parent.parent
_LIMITS = Limits()
_FOLDER = r"^[ !#-\[\]-~]+$"  # printable ASCII without quote and backslash


class MailSettings(BaseSettings):
    """The mailbox in which files arrive and the server that takes the replies; off unless a host is set."""

    model_config = SettingsConfigDict(env_prefix="SIKLATIH_", env_file=".env", extra="ignore")

    imap_host: str | None = Field(default=None, description="Server of the mailbox; unset: no mailbox.")
    imap_port: int | None = Field(
        default=None, ge=1, le=65535, description="Default 993, or 143 without TLS."
    )
    imap_user: str | None = Field(default=None, description="The mailbox's user.")
    imap_password: SecretStr | None = Field(default=None, description="That user's password.")
    imap_folder: str = Field(
        default="INBOX", pattern=_FOLDER, description="Where new messages lie; ASCII, as IMAP writes it."
    )
    imap_tls: Literal["implicit", "starttls", "none"] = Field(
        default="implicit", description="none: without encryption, on this very machine only."
    )
    imap_ca_file: Path | None = Field(
        default=None, description="Certificates to trust instead of the system's (PEM)."
    )
    smtp_host: str | None = Field(default=None, description="Server that takes the replies.")
    smtp_port: int | None = Field(
        default=None, ge=1, le=65535, description="Default 465, 587 with STARTTLS, 25 without TLS."
    )
    smtp_user: str | None = Field(default=None, description="Its user; unset: no login.")
    smtp_password: SecretStr | None = Field(default=None, description="That user's password.")
    smtp_tls: Literal["implicit", "starttls", "none"] = Field(default="implicit", description="As imap_tls.")
    smtp_ca_file: Path | None = Field(default=None, description="As imap_ca_file.")
    smtp_sender: str | None = Field(default=None, description="Address that the replies come from.")
    mail_done_folder: str = Field(
        default="Siklatih-selesai", pattern=_FOLDER, description="Where messages go that have been taken in."
    )
    mail_aside_folder: str = Field(
        default="Siklatih-disisihkan", pattern=_FOLDER, description="Where messages go that nobody answers."
    )
    mail_auth_host: str | None = Field(
        default=None, description="Its Authentication-Results must say dmarc=pass; unset: From is believed."
    )
    mail_seconds: int = Field(default=30, ge=1, description="How long a mail server may keep silent.")
    mail_run_messages: int = Field(default=200, ge=1, description="Messages looked at in one run.")
    mail_mb: int = Field(default=25, ge=1, description="A message; a larger one is not fetched.")
    mail_attachments: int = Field(default=50, ge=1, description="Attachments of a message.")
    mail_depth: int = Field(default=10, ge=1, description="How deeply parts of a message may nest.")
    mail_reply_mb: int = Field(default=15, ge=1, description="Workbooks attached to a reply, together.")
    mail_reply_days: int = Field(default=3, ge=1, description="How long a reply is tried.")


class Settings(MailSettings):
    """What an installation decides. Every field can be set as ``SIKLATIH_<FIELD>``."""

    home: Path = Field(default=CHECKOUT / "var", description="The state folder; must be on a local disk.")
    config: Path = Field(default=CHECKOUT / "config", description="Contracts, rules, instruments.")
    pseudonym_key: SecretStr | None = Field(
        default=None, description="Key of the pseudonyms; at least 32 characters."
    )
    vault_key: SecretStr | None = Field(
        default=None, description="Key of the vault, apart from the pseudonyms' key; at least 32 characters."
    )
    demo_seed: int | None = Field(
        default=None, description="Set for the demo only: both keys are then derived from it."
    )
    zone: str = Field(default="Asia/Pontianak", description="The agency's time zone.")
    threads: int = Field(default=2, ge=1, description="DuckDB's threads; the results do not depend on it.")
    reader_memory_mb: int = Field(default=2048, ge=256, description="Memory a file's reader may use.")
    inbox_quiet_seconds: int = Field(
        default=10, ge=0, description="A file changed less long ago may still be being copied, and waits."
    )
    reader_seconds: int = Field(default=60, ge=1, description="Time a file's reader may use.")
    reader_file_mb: int = Field(
        default=_LIMITS.file_bytes // MEGABYTE, ge=1, description="Size of a file as it was sent."
    )
    reader_members: int = Field(default=_LIMITS.members, ge=1, description="Parts of a workbook's container.")
    reader_member_mb: int = Field(
        default=_LIMITS.member_bytes // MEGABYTE, ge=1, description="One of these parts, unpacked."
    )
    reader_unpacked_mb: int = Field(
        default=_LIMITS.unpacked_bytes // MEGABYTE, ge=1, description="All of these parts, unpacked."
    )
    reader_ratio: int = Field(
        default=_LIMITS.ratio, ge=2, description="Unpacked to packed size of a part above 1 MB."
    )
    reader_xml_depth: int = Field(default=_LIMITS.xml_depth, ge=8, description="Nesting of XML elements.")
    reader_xml_elements: int = Field(
        default=_LIMITS.xml_elements, ge=1000, description="XML elements of a workbook."
    )
    reader_sheet_cells: int = Field(
        default=_LIMITS.sheet_cells, ge=1000, description="Rows times columns that a sheet reaches over."
    )
    reader_cell_chars: int = Field(default=_LIMITS.cell_chars, ge=100, description="Characters in a cell.")
    reader_strings: int = Field(default=_LIMITS.strings, ge=1, description="Different texts of a workbook.")
    reader_strings_mb: int = Field(
        default=_LIMITS.strings_bytes // MEGABYTE, ge=1, description="These texts together."
    )
    reader_line_bytes: int = Field(
        default=_LIMITS.line_bytes, ge=1000, description="A line of delimited text."
    )
    reader_line_cells: int = Field(default=_LIMITS.line_cells, ge=1, description="Cells in such a line.")

    @property
    def bounds(self) -> str:
        """All that may refuse a file, in words: a file refused under other bounds is read again."""
        return f"{self.limits()} {self.reader_memory_mb} MB {self.reader_seconds} s"

    def limits(self) -> Limits:
        """Return the bounds a file must keep before it is parsed."""
        return Limits(
            file_bytes=self.reader_file_mb * MEGABYTE,
            members=self.reader_members,
            member_bytes=self.reader_member_mb * MEGABYTE,
            unpacked_bytes=self.reader_unpacked_mb * MEGABYTE,
            ratio=self.reader_ratio,
            xml_depth=self.reader_xml_depth,
            xml_elements=self.reader_xml_elements,
            sheet_cells=self.reader_sheet_cells,
            cell_chars=self.reader_cell_chars,
            strings=self.reader_strings,
            strings_bytes=self.reader_strings_mb * MEGABYTE,
            line_bytes=self.reader_line_bytes,
            line_cells=self.reader_line_cells,
        )

    archive_members: int = Field(default=500, ge=1, description="Files a ZIP archive may hold.")
    archive_mb: int = Field(default=1024, ge=1, description="Size of all files of a ZIP archive, unpacked.")
    archive_ratio: int = Field(default=200, ge=1, description="How many times a file in a ZIP may grow.")

    def secret(self, purpose: str) -> bytes:
        """Return the key for ``pseudonym`` or ``vault``.

        Raises:
            MendError: no key is set and this is not the demo, or the key is too short.
        """
        field: SecretStr | None = getattr(self, f"{purpose}_key")
        if field is None and self.demo_seed is not None:
            return hashlib.sha256(f"siklatih demo {self.demo_seed} {purpose}".encode()).digest()
        name = f"SIKLATIH_{purpose.upper()}_KEY"
        if field is None or len(field.get_secret_value()) < 32:
            raise MendError(
                "key_missing",
                en=f"{name} is not set or shorter than 32 characters. Make one with "
                "`python -c 'import secrets; print(secrets.token_hex(32))'` and keep it apart from the data.",
                id_=f"{name} belum ditetapkan atau kurang dari 32 karakter. Buat dengan "
                "`python -c 'import secrets; print(secrets.token_hex(32))'` dan simpan terpisah dari data.",
            )
        return field.get_secret_value().encode()


def get_settings(**overrides: Any) -> Settings:
    """Read the settings; keyword arguments win over the environment."""
    return Settings(**overrides)


def quiet_libraries() -> None:
    """Keep the libraries offline and silent; must run before they are imported. What is set already stays."""
    for name, value in {
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
        "TQDM_DISABLE": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    }.items():
        os.environ.setdefault(name, value)
    # WeasyPrint cuts typefaces with fontTools where HarfBuzz's subset library is absent, and fontTools stamps
    # them with the hour of the day unless told another: no two PDFs would be the same bytes.
    os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
    for name in ("fontTools", "weasyprint"):
        logging.getLogger(name).setLevel(logging.ERROR)
