"""Which dataset a table without a name holds: told by its headings, never by the file's name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.sources.headings import Wanted, filled_rows, is_passed_over, joined, stacked, titles_of
from siklatih.sources.tables import Sheet


def could_be_dataset(sheet: Sheet, contracts: Mapping[str, Contract]) -> bool:
    """Tell whether a row has two titles of one dataset, and half of those it requires."""
    wanted = [Wanted(contract) for contract in contracts.values()]
    return any(
        len(one.present(titles)) >= 2 and 2 * len(one.missing(titles)) <= _required(one)
        for _, titles in _headings(sheet)
        for one in wanted
    )


def nearest_dataset(sheet: Sheet, contracts: Mapping[str, Contract]) -> Contract | None:
    """Return the dataset of which a row has the largest share of the required titles; None without any."""
    wanted = [one for contract in contracts.values() if _required(one := Wanted(contract))]
    headings = [titles for _, titles in _headings(sheet)]
    scored = [
        (-len(one.present(titles) & _names(one)) / _required(one), one.contract.dataset, one.contract)
        for one in wanted
        for titles in headings
    ]
    best = min(scored, key=lambda entry: entry[:2], default=None)
    return best[2] if best is not None and best[0] < 0 else None


def choose_dataset(sheet: Sheet, contracts: Mapping[str, Contract]) -> Contract:
    """Return the one contract whose required columns are all there.

    Raises:
        MendError: none is, or several are and the other columns do not tell them apart.
    """
    wanted = [Wanted(contract) for contract in contracts.values()]
    headings = list(_headings(sheet))
    first, titles = next(
        ((at, titles) for at, titles in headings if any(not one.missing(titles) for one in wanted)), (-1, ())
    )
    whole = [one for one in wanted if not one.missing(titles)]
    if not whole:
        raise _none_fits(wanted, [titles for _, titles in headings])
    if len(whole) > 1:
        whole = [
            one for one in whole if all(title in one.known or is_passed_over(title) for title in titles)
        ] or whole
    if len(whole) > 1:
        names = ", ".join(f"“{one.contract.title_id}”" for one in whole[:2])
        raise MendError(
            "ambiguous_dataset",
            en=f"The headings fit more than one dataset ({names}). Send a workbook whose sheet bears the "
            "dataset's name.",
            id_=f"Judul kolom cocok dengan lebih dari satu set data ({names}). Kirim buku kerja yang nama "
            "lembarnya nama set data itu.",
            row=sheet.rows[first][0],
        )
    return whole[0].contract


def _headings(sheet: Sheet) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield each row's titles with the row's place, then each row's with those of the one below."""
    filled = filled_rows(sheet)
    for index in filled:
        yield index, titles_of(sheet, index)
    for index in filled:
        if index + 1 in filled:
            yield index, (*stacked(sheet, index), *joined(sheet, index))


def _names(wanted: Wanted) -> set[str]:
    return {column.name for column in wanted.contract.columns if column.required}


def _required(wanted: Wanted) -> int:
    return sum(column.required for column in wanted.contract.columns)


def _none_fits(wanted: Sequence[Wanted], headings: Sequence[Sequence[str]]) -> MendError:
    """Name the two datasets that lack the least; their titles are ours, so they may be named."""
    scored = []
    for one in wanted:
        lacking = min((one.missing(titles) for titles in headings), key=len)
        scored.append((len(lacking) / _required(one), one.contract.dataset, one.contract, lacking))
    scored.sort(key=lambda entry: entry[:2])
    near = "; ".join(
        f"“{contract.title_id}” ({', '.join(column.title_id for column in lacking)})"
        for _, _, contract, lacking in scored[:2]
    )
    return MendError(
        "unknown_dataset",
        en=f"The headings fit no dataset. Nearest, and what each lacks: {near}. Use the template's titles, "
        "or have `siklatih map FILE` draft a mapping.",
        id_=f"Judul kolom tidak cocok dengan set data mana pun. Terdekat, beserta kolom yang kurang: {near}. "
        "Pakai judul kolom dari templat, atau buat draf pemetaan dengan `siklatih map BERKAS`.",
    )
