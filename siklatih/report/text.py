"""Numbers, dates and fixed words as Indonesian readers write them (EYD; DOMAIN 3, number style).

Used as Jinja filters and while the context is made. Babel knows the signs; the rounding is ours:
half up on the decimal digits, because the legal bands are cut that way (PermenPANRB 14/2017).
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from siklatih.cycle import Cycle

LOCALE = "id"
NBSP = "\N{NO-BREAK SPACE}"
RANGE = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


def rounded(value: float | Decimal | int, digits: int) -> Decimal:
    """Round half up on the shortest decimal that means the value."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def number(value: float | Decimal | int, digits: int = 0) -> str:
    """``1234.5`` with one digit becomes ``1.234,5``."""
    quantity = rounded(value, digits)
    text = format_decimal(abs(quantity), format="#,##0." + "0" * digits if digits else "#,##0", locale=LOCALE)
    return f"{MINUS}{text}" if quantity < 0 else text


def percent(share: float | Decimal, digits: int = 1) -> str:
    """``0.613`` becomes ``61,3 %`` with a space that does not break."""
    return f"{number(rounded(share, 12) * 100, digits)}{NBSP}%"


def rupiah(amount: float | Decimal | int) -> str:
    """``1500000`` becomes ``Rp1.500.000``."""
    return f"Rp{number(amount)}"


def day(when: date) -> str:
    """``23 November 2026``."""
    return format_date(when, "d MMMM y", locale=LOCALE).replace(" ", NBSP)


def short_day(when: date) -> str:
    """``23 Nov 2026``."""
    return format_date(when, "d MMM y", locale=LOCALE).replace(" ", NBSP)


def cycle_title(cycle: Cycle) -> str:
    """``Triwulan III Tahun 2026``."""
    return f"Triwulan {cycle.roman} Tahun {cycle.year}"


def cycle_short(cycle: Cycle) -> str:
    """``TW III 2026``."""
    return f"TW{NBSP}{cycle.roman}{NBSP}{cycle.year}"


def quantity(value: float | Decimal, unit: str) -> str:
    """Write a figure in its unit (as in a metric's header: share, points, sd, jp, rupiah, index)."""
    if unit == "share":
        return percent(value)
    if unit == "rupiah":
        return rupiah(value)
    return number(value, {"points": 1, "sd": 2, "jp": 1, "index": 2}[unit])


def quantity_range(low: float, high: float, unit: str) -> str:
    """Write a range: ``12,3 % sampai 45,6 %``."""
    return f"{quantity(low, unit)} sampai {quantity(high, unit)}"


def listed(parts: list[str]) -> str:
    """``a, b, dan c``."""
    if len(parts) <= 1:
        return "".join(parts)
    comma = "," if len(parts) > 2 else ""
    return f"{', '.join(parts[:-1])}{comma} dan {parts[-1]}"


def first_upper(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


UNIT_WORDS = {
    "share": "persen",
    "points": "poin (skala 0 sampai 100)",
    "sd": "simpangan baku (g)",
    "jp": "JP",
    "rupiah": "rupiah",
    "index": "indeks 25 sampai 100",
}
LEVEL_WORDS = {
    "needs": "Kebutuhan",
    "delivery": "Pelaksanaan",
    "reaction": "Reaksi",
    "learning": "Pembelajaran",
    "behaviour": "Perilaku",
    "results": "Hasil",
    "use": "Pemanfaatan",
}
METHOD_WORDS = {
    "project": "Berbasis proyek",
    "simulation": "Simulasi",
    "workshop": "Lokakarya",
    "class": "Kelas",
    "elearning": "Pembelajaran daring",
    "coaching": "Bimbingan",
}
INTERVAL_WORDS = {
    "none": "tanpa selang",
    "wilson_fpc": "selang Wilson 95 % untuk daftar terbatas (yang belum menjawab dianggap serupa)",
    "bounds": "batas terburuk dan terbaik bagi yang tidak menjawab",
    "t_batches": "selang 95 % antarangkatan (t)",
    "t_persons": "selang 95 % antarpeserta satu angkatan (t)",
    "jackknife_batches": "selang 95 % antarangkatan (jackknife)",
    "algina_keselman": "selang 95 % antarpeserta (Algina dan Keselman 2003)",
    "ikm_covariance": "selang 95 % dari kovarians unsur antarresponden",
}
PREDICATE_WORDS = {
    "very_good": "Sangat baik",
    "good": "Baik",
    "needs_improvement": "Butuh perbaikan",
    "poor": "Kurang",
    "very_poor": "Sangat kurang",
}
ELEMENT_WORDS = {
    "requirements": "Persyaratan",
    "procedure": "Sistem, mekanisme, dan prosedur",
    "duration": "Waktu penyelesaian",
    "tariff": "Biaya/tarif",
    "product": "Produk spesifikasi jenis pelayanan",
    "staff_competence": "Kompetensi pelaksana",
    "staff_behaviour": "Perilaku pelaksana",
    "complaint_handling": "Penanganan pengaduan, saran, dan masukan",
    "facilities": "Sarana dan prasarana",
}
STATE_WORDS = {
    "proposed": "diusulkan",
    "approved": "disetujui",
    "running": "berjalan",
    "done": "selesai",
    "rejected": "ditolak",
    "postponed": "ditunda",
}
