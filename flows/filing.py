"""A person's word about a received file, in Prefect's form: where it belongs, or that it must not count."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow
from pydantic import BaseModel, Field

from tasks.filing import file_word, withdraw_word

# The server checks these patterns before it keeps what was typed; employee numbers and addresses never pass.
_NO_NUMBER = r"(?!.*\d{8}[\s.\-]?\d{6}[\s.\-]?\d[\s.\-]?\d{3})"
_CODE = rf"^{_NO_NUMBER}([A-Za-z0-9][A-Za-z0-9._-]{{0,39}})?$"
_NO_PERSON = rf"^(?!.*@){_NO_NUMBER}.*\S.*$"
_SHA = r"^\s*[0-9A-Fa-f]{8,64}\s*$"


class FiledFile(BaseModel):
    """Ke mana berkas yang diterima itu termasuk. / Where a received file belongs."""

    file: str = Field(
        title="Berkas / file",
        description="Salin kode berkas (8 karakter pertama atau lebih) dari daftar `waiting`. / "
        "Copy the file's code (its first 8 characters or more) from the list `waiting`.",
        examples=["3f9a0c1d"],
        pattern=_SHA,
    )
    batch: str = Field(
        default="",
        title="Kode angkatan / batch code",
        description="Angkatan pemilik isi berkas ini, seperti tertulis dalam daftar angkatan. Kosongkan bila "
        "tidak berubah. / The batch to which the file belongs. Leave empty if it does not change.",
        examples=["P01-A1"],
        json_schema_extra={"pattern": _CODE},
    )
    provider: str = Field(
        default="",
        title="Pengirim / provider",
        description="Kode unit yang mengirim berkas ini; jawabannya dikirim ke sana. Kosongkan bila tidak "
        "berubah. / Code of whoever sent it; the answer goes there. Leave empty if it does not change.",
        examples=["opd-12"],
        json_schema_extra={"pattern": _CODE},
    )


class WithdrawnFile(BaseModel):
    """Berkas yang tidak boleh dihitung. / A file that must not count."""

    file: str = Field(
        title="Berkas / file",
        description="Kode berkas (8 karakter pertama atau lebih), dari `siklatih status` atau artefak. / "
        "The file's code (its first 8 characters or more), from `siklatih status` or an artifact.",
        examples=["3f9a0c1d"],
        pattern=_SHA,
    )
    reason: str = Field(
        title="Alasan / reason",
        description="Mengapa berkas ini tidak boleh dihitung. Jangan menulis nama, NIP, atau alamat. / "
        "Why the file must not count. Write no names, employee numbers or addresses.",
        examples=["Salah kirim: data triwulan lalu"],
        max_length=300,
        json_schema_extra={"pattern": _NO_PERSON},
    )
    by: str = Field(
        default="",
        title="Oleh / by",
        description="Jabatan yang menyatakannya, bukan nama. / The role of who says so, not a name.",
        examples=["pengelola data"],
        max_length=80,
        json_schema_extra={"pattern": f"^$|{_NO_PERSON}"},
    )
    undo: bool = Field(
        default=False,
        title="Batalkan penarikan / undo",
        description="Centang bila berkas ini harus dihitung lagi. / Tick if the file must count again.",
    )


@flow(
    name="file-received",
    description="Menyatakan angkatan atau pengirim berkas yang diterima; berlaku pada build berikut. / "
    "Say to which batch a received file belongs, or who gave it; used by the next build.",
)
def file_received(said: FiledFile) -> str:
    """Enter where a file belongs; return its full hash."""
    return file_word(said.file, said.batch or None, said.provider or None, now=_now())


@flow(
    name="withdraw-file",
    description="Menarik berkas yang diterima sehingga tidak dihitung; tidak ada yang dihapus. / "
    "Withdraw a received file, so that it does not count; nothing is deleted.",
)
def withdraw_file(said: WithdrawnFile) -> str:
    """Enter that a file must not count, or counts again; return its full hash."""
    return withdraw_word(said.file, said.reason, said.by or None, undo=said.undo, now=_now())


def _now() -> datetime:
    return datetime.now(tz=UTC).replace(tzinfo=None)
