"""YAML as the agency's configuration is written in, read by PyYAML's safe loader: here, and nowhere else.

YAML itself lets the last of two equal keys win, and lets a list hold itself; here both are faults.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from siklatih.errors import MendError

# With the pure Python loader 25 contracts take a second; the C loader is part of PyYAML's wheels.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "tag:yaml.org,2002:merge"
_DEEPEST = 100


def read_yaml(path: Path) -> Any:
    """Return what a YAML file in UTF-8 holds.

    Raises:
        MendError: it cannot be read or is none; it names the file, and the line as its row.
    """
    return parse_yaml(config_bytes(path), path.name)


def config_bytes(path: Path) -> bytes:
    """Return a configuration file's bytes; ``MendError`` names what is no file, or cannot be opened."""
    try:
        return path.read_bytes()
    except IsADirectoryError as error:
        what = ("it is a folder. Move it away", "ini folder, bukan berkas. Pindahkan folder ini")
        raise _fault(path.name, None, *what) from error
    except OSError as error:
        what = (
            f"it cannot be opened ({error.strerror}). Put the file there or remove its name",
            f"tidak dapat dibuka ({error.strerror}). Sediakan berkasnya atau hapus namanya",
        )
        raise _fault(path.name, None, *what) from error


def parse_yaml(content: bytes, name: str) -> Any:
    """Return what the content of the file of that name holds; ``MendError`` as in ``read_yaml``."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = ("it is not UTF-8. Save it as UTF-8", "tidak ditulis dalam UTF-8. Simpan sebagai UTF-8")
        raise _fault(name, line, *what) from error
    try:
        loader = _LOADER(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _Look(loader, name).at(node)
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        said = _said(error) if mark else "it holds a sign that YAML does not allow"
        what = (
            f"it is not YAML: {said}. Look at quotation marks, brackets and spaces before the line",
            "penulisannya bukan YAML. Periksa tanda kutip, tanda kurung, dan spasi di awal baris",
        )
        raise _fault(name, mark.line + 1 if mark else None, *what) from error


def _said(error: Any) -> str:
    return ", ".join(part for part in (error.context, error.problem) if part)


class _Look:
    """Looks over a document before values are made of it. Its text may be people's: lines are named."""

    def __init__(self, loader: Any, name: str) -> None:
        self._loader = loader
        self._name = name
        self._open: set[int] = set()
        self._done: set[int] = set()

    def at(self, node: Any) -> None:
        """Look at a node and all below it; ``MendError`` names the line at fault."""
        if id(node) in self._open or len(self._open) > _DEEPEST:
            raise self._wrong(
                node,
                "what stands here holds itself, or is nested too deeply",
                "isinya memuat dirinya sendiri, atau bertingkat terlalu dalam",
            )
        if id(node) in self._done:
            return
        self._open.add(id(node))
        if isinstance(node, yaml.MappingNode):
            self._keys(node)
            for key, value in node.value:
                self.at(key)
                self.at(value)
        elif isinstance(node, yaml.SequenceNode):
            for value in node.value:
                self.at(value)
        elif node.tag != _MERGE:
            self._value(node)
        self._open.remove(id(node))
        self._done.add(id(node))

    def _keys(self, node: Any) -> None:
        lines: dict[Any, int] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._wrong(key, "a key is one word or text", "kunci harus berupa satu kata atau teks")
            if key.tag == _MERGE:
                continue
            value = self._value(key)
            if value in lines:
                raise self._wrong(
                    key,
                    f"its key already stands in line {lines[value]}. Keep one of the two",
                    f"kuncinya sudah ada di baris {lines[value]}. Pertahankan salah satu saja",
                )
            lines[value] = key.start_mark.line + 1

    def _value(self, node: Any) -> Any:
        try:
            return self._loader.construct_object(node)
        except ValueError as error:  # a day or a time that does not exist
            raise self._wrong(
                node,
                "a day or a number here does not exist. Write it between quotation marks if it is text",
                "tanggal atau bilangan di sini tidak ada. Apit dengan tanda kutip jika itu teks",
            ) from error

    def _wrong(self, node: Any, en: str, id_: str) -> MendError:
        return _fault(self._name, node.start_mark.line + 1, en, id_)


def _fault(name: str, line: int | None, en: str, id_: str) -> MendError:
    at_en, at_id = (f"line {line}: ", f"baris {line}: ") if line is not None else ("", "")
    return MendError(
        "config_file",
        en=f"The configuration file {name} cannot be used: {at_en}{en}.",
        id_=f"Berkas konfigurasi {name} tidak dapat dipakai: {at_id}{id_}.",
        file=name,
        row=line,
    )
