"""What is not known: missing data, the silent, too few programmes to compare, files still to be mended."""

from __future__ import annotations

from collections import defaultdict

from siklatih.figures import Figure
from siklatih.report.indicators import missing_reason
from siklatih.report.material import Material
from siklatih.report.text import METHOD_WORDS, listed, number, percent, quantity

PROGRAMMES_TO_COMPARE = 5  # a method needs so many before methods are compared (DOMAIN 7.9)
FULL_RESPONSE = 0.8  # below it the silent are named (DOMAIN 7.6)


def unknowns(material: Material) -> list[str]:
    """Return sentences, the gravest first."""
    return [
        *_missing(material),
        *_silent(material),
        *_methods(material),
        *_single_batches(material),
        *_refused(material),
    ]


def _missing(material: Material) -> list[str]:
    sentences = []
    for metric_id in material.agency.indicators:
        metric = material.catalogue.get(metric_id)
        if metric is None:
            continue
        figure = material.figures.city(metric_id, material.cycle)
        if figure is None or figure.estimate is None:
            sentences.append(f"{metric.title_id}: {missing_reason(material, metric, figure)}.")
    return sentences


def _silent(material: Material) -> list[str]:
    sentences = []
    for metric_id in ("reaction_relevance", "reaction_trainer", "behaviour_applied_t3"):
        figure = material.figures.city(metric_id, material.cycle)
        if figure is None or figure.estimate is None or figure.response >= FULL_RESPONSE:
            continue
        sentences.append(
            f"{figure.metric.title_id}: {number(figure.eligible - figure.n)} dari {number(figure.eligible)} "
            f"belum menjawab. {_worst(figure)}"
        )
    return sentences


def _worst(figure: Figure) -> str:
    if figure.low is None:
        return "Pengaruhnya tidak dapat diperkirakan."
    return f"Bila semuanya tidak setuju, angka ini turun sampai {quantity(figure.low, figure.metric.unit)}."


def _methods(material: Material) -> list[str]:
    """Methods are not compared below five programmes a method."""
    programmes: dict[str, set[str]] = defaultdict(set)
    for row in material.tables["rpt_slice_names"]:
        if row["slice_kind"] == "programme":
            programmes[row["method"]].add(row["slice_code"])
    measured = {
        figure.slice_code
        for figure in material.figures.of("learning_effect", material.cycle, "programme")
        if figure.estimate is not None
    }
    if not measured:
        return []
    counts = {method: len(codes & measured) for method, codes in programmes.items() if codes & measured}
    few = [
        METHOD_WORDS.get(method, method).lower()
        for method, count in sorted(counts.items())
        if count < PROGRAMMES_TO_COMPARE
    ]
    if not few:
        return []
    sentence = (
        f"Perbandingan metode: belum dapat dibedakan; triwulan ini kurang dari {PROGRAMMES_TO_COMPARE} program "
        f"terukur pada {listed(few)}."
    )
    return [sentence]


def _single_batches(material: Material) -> list[str]:
    figures = [
        figure
        for figure in material.figures.of("learning_effect", material.cycle, "programme")
        if figure.estimate is not None
    ]
    single = [figure for figure in figures if figure.clusters == 1]
    if not single:
        return []
    sentence = (
        f"Apakah hasil belajar {number(len(single))} dari {number(len(figures))} program akan sama pada angkatan "
        "berikutnya: baru satu angkatan yang diukur, jadi rentangnya berlaku untuk angkatan ini saja."
    )
    return [sentence]


def _refused(material: Material) -> list[str]:
    files = sum(row["files"] for row in material.tables["rpt_refused_files"])
    datasets = material.tables["rpt_quality_datasets"]
    read = sum(row["read"] for row in datasets)
    aside = sum(row["quarantined"] for row in datasets)
    sentences = []
    if files:
        sentences.append(
            f"Isi {number(files)} berkas yang ditolak dan belum diperbaiki pengirimnya (lihat lampiran mutu data)."
        )
    if aside and read:
        sentences.append(
            f"{number(aside)} dari {number(read)} baris ({percent(aside / read, 2)}) dikarantina dan belum ikut dihitung."
        )
    return sentences
