"""Names that nobody of their batch bears: whom of the enrolled they may mean. Proposed, never used.

Names are opened from the vault for the comparison only; what is written holds pseudonyms.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from siklatih.likeness import LIKE, words_likeness, words_of
from siklatih.people import NO

if TYPE_CHECKING:
    import duckdb

_LOG = logging.getLogger(__name__)
NEAREST = 3
MOST_NAMES = 1000  # a batch with more unknown names has another trouble, and comparing them takes long
Opener = Callable[[Iterable[str]], Mapping[str, str]]
_Found = tuple[str, str, str, str, Decimal]


def propose(con: duckdb.DuckDBPyConnection, open_names: Opener) -> int:
    """Fill ``quality.name_proposals`` with the nearest enrolled persons of each unknown name.

    Args:
        con: the build's database, settled.
        open_names: turns pseudonyms of names into names, those that it knows.

    Returns:
        The number of proposals.
    """
    con.execute(
        "create table quality.likenesses (batch_code VARCHAR, name_key VARCHAR, person_key VARCHAR, "
        "like_name_key VARCHAR, likeness DECIMAL(4, 3))"
    )
    found = _alike(con, open_names)
    if found:
        columns = {f"c{place}": list(column) for place, column in enumerate(zip(*found, strict=True))}
        con.execute(
            "insert into quality.likenesses select " + ", ".join(f"unnest(${name})" for name in columns),
            columns,
        )
    con.execute(
        "create table quality.name_proposals as with nearest as ("
        "select *, proposal_code(batch_code, name_key, person_key) as code from quality.likenesses "
        "where proposal_code(batch_code, name_key, person_key) not in "
        "(select code from quality.name_answers where answer = $no) "
        "qualify row_number() over (partition by batch_code, name_key "
        "order by likeness desc, person_key) <= $nearest) "
        "select nearest.code, names.file_sha, names.part_no, names.dataset, names.batch_code, "
        "names.name_key, nearest.person_key, nearest.like_name_key, names.row_count, nearest.likeness "
        "from quality.unmatched_names as names join nearest using (batch_code, name_key) order by all",
        {"no": NO, "nearest": NEAREST},
    )
    con.execute("drop table quality.likenesses")
    ((count,),) = con.execute("select count(distinct code) from quality.name_proposals").fetchall()
    _LOG.info("%d names proposed", count)
    return int(count)


def _alike(con: duckdb.DuckDBPyConnection, open_names: Opener) -> list[_Found]:
    unknown: dict[str, list[str]] = defaultdict(list)
    for batch_code, name_key in con.execute(
        "select distinct batch_code, name_key from quality.unmatched_names order by all"
    ).fetchall():
        unknown[batch_code].append(name_key)
    for batch_code in [code for code, names in unknown.items() if len(names) > MOST_NAMES]:
        _LOG.warning("too many unknown names in batch %s, none are proposed", batch_code)
        del unknown[batch_code]
    if not unknown:
        return []
    enrolled: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for batch_code, person_key, name_key in con.execute(
        "select batch_code, person_key, name_key from quality.enrolled_names order by all"
    ).fetchall():
        if batch_code in unknown:
            enrolled[batch_code].append((person_key, name_key))
    wanted = {name for names in unknown.values() for name in names}
    wanted |= {name for people in enrolled.values() for _, name in people}
    words = {key: words_of(name) for key, name in open_names(wanted).items()}
    return [
        found
        for batch_code, names in unknown.items()
        for name_key in names
        for found in _nearest(batch_code, name_key, enrolled[batch_code], words)
    ]


def _nearest(
    batch_code: str, name_key: str, people: Sequence[tuple[str, str]], words: Mapping[str, tuple[str, ...]]
) -> list[_Found]:
    best: dict[str, tuple[float, str]] = {}
    for person_key, like_name_key in people:
        like = words_likeness(words.get(name_key, ()), words.get(like_name_key, ()))
        if like >= LIKE and like > best.get(person_key, (0.0, ""))[0]:
            best[person_key] = (like, like_name_key)
    return [
        (batch_code, name_key, person_key, like_name_key, Decimal(f"{like:.3f}"))
        for person_key, (like, like_name_key) in best.items()
    ]
