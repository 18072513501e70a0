"""The report's charts, each with a caption that says what it shows and a line that says what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from siklatih.figures import Figure
from siklatih.report.charts import bars, dots, lines, matrix
from siklatih.report.material import Material
from siklatih.report.text import (
    ELEMENT_WORDS,
    METHOD_WORDS,
    PREDICATE_WORDS,
    number,
    percent,
    quantity,
)

Chart = dict[str, Any]


def learning_chart(material: Material) -> Chart | None:
    """Learning effect of each programme with its interval."""
    figures = _shown(material, "learning_effect", "programme")
    clear = sum(1 for figure in figures if figure.low is not None and figure.low > 0)
    return _dot_chart(
        material,
        figures,
        mark=0.0,
        name="learning",
        sure=lambda figure: figure.low is not None and figure.low > 0,
        caption=f"{number(clear)} dari {number(len(figures))} program menaikkan hasil uji pesertanya",
        source="Kenaikan nilai uji dibakukan (g) dengan rentang 95 %. Lingkaran kosong: belum dapat dibedakan "
        "dari nol. Uji sebelum dan sesudah, tanpa pembanding.",
    )


def behaviour_chart(material: Material) -> Chart | None:
    """Share of alumni who apply it, by programme."""
    figures = _shown(material, "behaviour_applied_t3", "programme")
    target = material.targets.get("behaviour_applied_t3")
    below = [f for f in figures if target is not None and f.high is not None and f.high < float(target)]
    return _dot_chart(
        material,
        figures,
        mark=None if target is None else float(target),
        name="behaviour",
        sure=lambda figure: figure not in below,
        caption=f"Penerapan setelah tiga bulan: {number(len(below))} dari {number(len(figures))} "
        "program di bawah sasaran",
        source="Penilaian atasan atas angkatan yang genap tiga bulan; garis putus: sasaran. Lingkaran kosong: "
        "seluruh rentang di bawah sasaran.",
    )


def reaction_chart(material: Material) -> Chart | None:
    """Relevance as participants see it, by programme."""
    figures = _shown(material, "reaction_relevance", "programme")
    target = material.targets.get("reaction_relevance")
    return _dot_chart(
        material,
        figures,
        mark=None if target is None else float(target),
        name="reaction",
        caption="Relevansi menurut peserta, per program",
        source="Bagian peserta yang rata-rata jawabannya pada dua pilihan teratas. Bila respons di bawah 80 %, "
        "yang ditampilkan batas terburuk dan terbaik. Pendapat, bukan bukti hasil.",
    )


def service_chart(material: Material) -> Chart | None:
    """Citizens' satisfaction by service unit."""
    figures = _shown(material, "ikm", "unit")
    target = material.targets.get("ikm")
    return _dot_chart(
        material,
        figures,
        mark=None if target is None else float(target),
        name="service",
        caption="Indeks kepuasan masyarakat per unit layanan",
        source="SKM sembilan unsur berbobot sama (PermenPANRB 14/2017), rentang 95 %; garis putus: sasaran. "
        "Bukan bukti pengaruh pelatihan.",
    )


def element_chart(material: Material) -> Chart | None:
    """Citizens' satisfaction by element, the lowest first."""
    rows = material.tables["rpt_service_elements"]
    if not rows:
        return None
    lowest = ELEMENT_WORDS.get(rows[0]["element"]) or str(rows[0]["element"])
    return _chart(
        "elements",
        f"Unsur terendah: {lowest.lower()}",
        "Nilai unsur × 25, seluruh unit, tiap responden berbobot sama. Unsur dikenali dari nama, bukan nomor.",
        dots(
            [
                {
                    "label": ELEMENT_WORDS.get(row["element"], row["element"]),
                    "estimate": float(row["index_value"]),
                    "low": None,
                    "high": None,
                    "sure": True,
                    "text": number(row["index_value"], 2),
                }
                for row in rows
            ],
            unit="index",
            mark=None,
            title="Nilai tiap unsur SKM seluruh unit",
            name="elements",
        ),
    )


def hours_chart(material: Material) -> Chart | None:
    """Share of PNS with 20 hours by office: the ten lowest and how the city stands."""
    figures = sorted(
        _shown(material, "pns_20jp_share", "unit"), key=lambda f: (f.estimate or 0.0, f.slice_code)
    )
    if not figures:
        return None
    city = material.figures.city("pns_20jp_share", material.cycle)
    shown = [*figures[:10], *([] if city is None or city.estimate is None else [city])]
    return _chart(
        "hours",
        "Sepuluh perangkat daerah dengan bagian PNS ≥ 20 JP paling kecil",
        "Cacah lengkap PNS aktif, tahun berjalan.",
        bars(
            [
                {
                    "label": "Seluruh kota"
                    if figure.slice_kind == "city"
                    else material.name("unit", figure.slice_code),
                    "value": figure.estimate or 0.0,
                    "text": f"{percent(figure.estimate or 0.0)} dari {number(figure.n)}",
                }
                for figure in shown
            ],
            unit="share",
            mark=None,
            title="Bagian PNS dengan sedikitnya 20 JP pada sepuluh perangkat daerah terendah",
            name="hours",
        ),
    )


def complaints_chart(material: Material) -> Chart | None:
    """Complaints per thousand services, by month, over two years."""
    rows = [row for row in material.tables["rpt_complaints"] if row["per_thousand"] is not None]
    if len(rows) < 3:
        return None
    return _chart(
        "complaints",
        "Aduan per 1.000 layanan menurut bulan",
        f"{number(sum(row['complaints'] for row in rows))} aduan atas "
        f"{number(sum(row['services'] for row in rows))} layanan, seluruh unit layanan.",
        lines(
            [{"month": row["month"].isoformat(), "value": float(row["per_thousand"])} for row in rows],
            title=f"Aduan per 1.000 layanan, {number(len(rows))} bulan",
            name="complaints",
        ),
        wide=True,
    )


def appraisal_chart(material: Material) -> Chart | None:
    """From which predicate to which civil servants went."""
    figures = [
        f
        for f in material.figures.of("appraisal_transitions", material.cycle, "city")
        if f.estimate is not None
    ]
    if not figures:
        return None
    total = figures[0].n
    rows = []
    for figure in figures:
        before, _, after = figure.category.partition(">")
        share = figure.estimate or 0.0
        rows.append(
            {
                "before": PREDICATE_WORDS[before],
                "after": PREDICATE_WORDS[after],
                "n": round(share * total),
                "text": number(round(share * total)) if round(share * total) >= 5 else "<5",
                "weight": share**0.5,
                "dark": share > 0.2,
            }
        )
    return _chart(
        "appraisals",
        "Perpindahan predikat kinerja",
        f"{number(total)} ASN dengan dua penilaian berturut-turut; baris: sebelum, kolom: sesudah. "
        "Bukan ukuran pengaruh pelatihan.",
        matrix(
            rows,
            order=list(PREDICATE_WORDS.values()),
            across="sesudah",
            down="sebelum",
            title="Jumlah ASN menurut predikat sebelum dan sesudah",
            name="appraisals",
        ),
        wide=True,
    )


def cost_chart(material: Material) -> Chart | None:
    """Cost of an hour by method."""
    figures = sorted(
        _shown(material, "cost_per_jp_person", "method"), key=lambda f: (f.estimate or 0.0, f.slice_code)
    )
    if not figures:
        return None
    return _chart(
        "cost",
        "Biaya per JP-orang menurut metode",
        "Biaya nyata dibagi jam pelajaran yang dihadiri. Isi program berbeda, jadi bukan peringkat metode.",
        bars(
            [
                {
                    "label": METHOD_WORDS.get(figure.slice_code, figure.slice_code),
                    "value": figure.estimate or 0.0,
                    "text": quantity(figure.estimate or 0.0, "rupiah"),
                }
                for figure in figures
            ],
            unit="rupiah",
            mark=None,
            title="Biaya per JP-orang menurut metode pelatihan",
            name="cost",
        ),
    )


FRONT = (learning_chart, behaviour_chart)
ANNEX = (
    reaction_chart,
    service_chart,
    element_chart,
    hours_chart,
    cost_chart,
    appraisal_chart,
    complaints_chart,
)


def charts_of(material: Material, makers: tuple[Any, ...]) -> list[Chart]:
    """Return those charts for which there are data."""
    return [chart for make in makers if (chart := make(material)) is not None]


def _shown(material: Material, metric_id: str, slice_kind: str) -> list[Figure]:
    figures = material.figures.of(metric_id, material.cycle, slice_kind)
    shown = [figure for figure in figures if figure.estimate is not None]
    return sorted(shown, key=lambda figure: (-(figure.estimate or 0.0), figure.slice_code))


def _dot_chart(
    material: Material,
    figures: list[Figure],
    *,
    mark: float | None,
    name: str,
    caption: str,
    source: str,
    sure: Callable[[Figure], bool] = lambda _figure: True,
) -> Chart | None:
    if not figures:
        return None
    rows = [
        {
            "label": material.name(figure.slice_kind, figure.slice_code),
            "estimate": figure.estimate,
            "low": figure.low,
            "high": figure.high,
            "sure": figure.low is not None and figure.high is not None and sure(figure),
            "text": "",
        }
        for figure in figures
    ]
    drawing = dots(rows, unit=figures[0].metric.unit, mark=mark, title=caption, name=name)
    return _chart(name, caption, f"{source} n {_span(figures)}.", drawing)


def _span(figures: list[Figure]) -> str:
    low, high = min(figure.n for figure in figures), max(figure.n for figure in figures)
    return number(low) if low == high else f"{number(low)} sampai {number(high)}"


def _chart(name: str, caption: str, source: str, drawing: str, *, wide: bool = False) -> Chart:
    return {"name": name, "caption": caption, "source": source, "svg": drawing, "wide": wide}
