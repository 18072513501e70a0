"""Files damaged at random are refused with a reason, or read; they never break the reader."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from cities import City

from siklatih.reading import Reader
from siklatih.settings import CHECKOUT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TRIALS = 120


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cut, double, overwrite or fill a piece of a file."""
    start = chance.randrange(len(content))
    end = min(len(content), start + chance.choice((1, 3, 40, 4000)))
    kind = chance.randrange(5)
    if kind == 0:
        return content[:start]
    if kind == 1:
        return content[:start] + content[end:]
    if kind == 2:
        return content[:end] + content[start:]
    if kind == 3:
        return content[:start] + chance.randbytes(end - start) + content[end:]
    return (
        content[:start]
        + chance.choice((b'"', b"\x00", b";;;", b"\r\n\r\n", b"=1+1", "”".encode(), b"9" * 200_000))
        + content[end:]
    )


def samples(city: City) -> list[bytes]:
    patterns = ("*/survei/*.csv", "*/lms/*.txt", "*/zoom/*.csv", "*/bkpsdm/pelatihan.xlsx", "*/ortala/*.csv")
    return [next(city.inbox.glob(pattern)).read_bytes() for pattern in patterns]


def test_damaged_files_are_answered(city: City, tmp_path: Path) -> None:
    chance = random.Random(20261123)
    died = []
    outcomes = {"read": 0, "refused": 0}
    with Reader(key=bytes(32), config=CHECKOUT / "config", memory_bytes=2 << 30, seconds=30) as reader:
        for content in samples(city):
            for trial in range(TRIALS):
                path = tmp_path / "file"
                path.write_bytes(damaged(content, chance))
                out = tmp_path / f"out-{len(list(tmp_path.iterdir()))}-{trial}"
                out.mkdir()
                outcome = reader.read(path, "file", out)
                if outcome.refusal is None:
                    outcomes["read"] += 1
                    continue
                outcomes["refused"] += 1
                assert outcome.refusal.en != outcome.refusal.id_
                if outcome.refusal.code in ("reader_died", "reader_slow"):
                    died.append((content[:20], trial))
    assert died == []
    assert min(outcomes.values()) > 20
