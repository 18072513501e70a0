"""The leaders' report: what it says, also when data are missing, and that it is always the same."""

from __future__ import annotations

import io
import json
import re
import shutil
import time
from pathlib import Path

import duckdb
import pikepdf
import pytest
from cities import CYCLE, NOW, Built, City, run_city
from lxml import etree
from openpyxl import load_workbook

from siklatih.agency import load_agency
from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.report.leaders import Report, leaders_report
from siklatih.report.rendering import font_css, print_pdf
from siklatih.settings import CHECKOUT
from siklatih.workbooks import save_workbook

CONFIG = CHECKOUT / "config"


def compose(warehouse: Path, cycle: Cycle = CYCLE) -> Report:
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        return leaders_report(
            con,
            checkout=CHECKOUT,
            config=CONFIG,
            cycle=cycle,
            edition=1,
            agency=load_agency(CONFIG / "agency.yaml"),
        )
    finally:
        con.close()


MINIMUM = ("roster", "units", "programmes", "batches", "enrolments")  # and attendance, and one reaction form


@pytest.fixture(scope="module")
def minimum(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse from the least that makes a report: no sessions, tests, costs, targets or surveys."""
    place = tmp_path_factory.mktemp("minimum")
    kept = {
        contract.title_id
        for name, contract in load_contracts(CONFIG / "contracts").items()
        if name in MINIMUM
    }
    for path in sorted(city.inbox.rglob("*")):
        target = place / "inbox" / path.relative_to(city.inbox)
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.name in ("data-induk.xlsx", "pelatihan.xlsx"):
            book = load_workbook(path)
            for sheet in list(book.worksheets):
                if sheet.title not in {*kept, "meta"}:
                    book.remove(sheet)
            save_workbook(book, target, NOW)
        elif path.name.startswith("attendance-P") or path.parent.name == "survei":
            shutil.copy2(path, target)
    return run_city(City(place / "inbox", {}), place / "state").state.warehouse()


def words(report: Report) -> str:
    """All text of the HTML, charts included."""
    tree = etree.HTML(report.files["leaders.html"].decode())
    for style in tree.iter("style"):
        style.text = ""
    return re.sub(r"\s+", " ", " ".join(tree.itertext()))  # `\s` takes the non-breaking space too


@pytest.fixture(scope="module")
def report(built: Built) -> Report:
    return compose(built.state.warehouse())


def test_the_same_warehouse_gives_the_same_bytes(built: Built, report: Report) -> None:
    again = compose(built.state.warehouse())
    assert again.files == report.files
    assert again.mail == report.mail


def test_html_is_one_file_that_fetches_nothing(report: Report) -> None:
    html = report.files["leaders.html"].decode()
    tree = etree.HTML(html)
    fetched = [
        value
        for element in tree.iter()
        for name, value in element.attrib.items()
        if name in ("src", "href", "data", "poster") and not value.startswith("#")
    ]
    assert fetched == []
    assert re.findall(r"url\((?!data:|#)[^)]*\)", html) == []
    assert "@import" not in html
    assert tree.get("lang") == "id"


def test_the_annex_says_how_many_people_were_matched_and_by_what(built: Built, report: Report) -> None:
    with built.warehouse() as con:
        people = dict(
            con.execute(
                "select matches.known_by, sum(matches.people) from quality.matches as matches "
                "join core.dim_batch as batches using (batch_code) where batches.cycle = $cycle group by all",
                {"cycle": str(CYCLE)},
            ).fetchall()
        )
    words_of = {
        "number": "NIP",
        "address": "surel",
        "terminal": "nomor mesin presensi",
        "name": "nama peserta",
    }
    total, known = sum(people.values()), sum(people.values()) - people.get("none", 0)
    share = f"{100 * known / total:.1f}".replace(".", ",")
    ways = ", ".join(f"{people[way]} dari {word}" for way, word in words_of.items() if people.get(way))
    assert {"number", "address"} <= people.keys() <= {*words_of, "none"}
    assert (
        f"Dari {total} penyebutan orang pada angkatan triwulan ini (sekali tiap set data), {known} ({share} %) "
        f"dikenali: {ways}. Yang tidak dikenali tidak ikut dihitung."
    ) in words(report)


def test_page_one_asks_for_three_decisions_at_most_each_complete(report: Report) -> None:
    content = json.loads(report.files["leaders.json"])
    assert 1 <= len(content["decisions"]) <= 3
    text = words(report)
    for decision in content["decisions"]:
        assert decision["title"] in text
        why = "".join(piece["text"] for piece in decision["why"])
        assert re.search(r"\d", why)
        assert "sampai" in why or "cacah lengkap" in why
        assert re.search(r"[Bb]ukti|Pendapat|Hitungan lengkap|Hasil survei", " ".join(decision["fine"]))
        assert decision["cost"]
        assert decision["owner"]
        assert re.fullmatch(r"\d{1,2}\xa0\w+\xa0\d{4}", decision["due"])
        assert decision["consequence"]
    for box in ("setuju", "tunda", "tolak"):
        assert len(re.findall(rf"\b{box}\b", text)) >= len(content["decisions"])


def test_page_two_has_five_to_seven_indicators_and_what_is_not_known(report: Report) -> None:
    content = json.loads(report.files["leaders.json"])
    assert 5 <= len(content["indicators"]) <= 7
    assert all(row["remark"] for row in content["indicators"])
    assert content["unknowns"]
    assert len(content["charts"]) == 2
    assert len(content["annex"]) >= 4


def test_causal_words_are_not_used_without_a_lottery(report: Report) -> None:
    assert not re.search(r"\b(menyebabkan|mengakibatkan|berkat pelatihan)\b", words(report))


def test_letters_of_evidence_stay_on_the_method_page(report: Report) -> None:
    text = words(report)
    front, _, _ = text.partition("Cara menghitung dan batasan")
    assert "bukti sangat kuat" not in re.findall(r"\b[A-E] bukti \w+", front)
    assert not re.search(r"\b(tingkat|grade) [A-E]\b", front)


def test_every_chart_has_a_title_and_ids_of_its_own(report: Report) -> None:
    tree = etree.HTML(report.files["leaders.html"].decode())
    drawings = [element for element in tree.iter("svg") if element.get("role") == "img"]
    assert len(drawings) >= 10
    for drawing in drawings:
        title = drawing.find("title")
        assert title is not None
        assert title.text
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_the_pdf_says_what_the_html_says(report: Report) -> None:
    with pikepdf.open(io.BytesIO(report.files["leaders.pdf"])) as pdf:
        assert str(pdf.Root.Lang) == "id"
        assert pdf.Root.MarkInfo.Marked
        assert "2026" in str(pdf.docinfo.Title)
        fonts = {
            str(font.BaseFont).partition("+")[2]
            for page in pdf.pages
            for font in page.Resources.get("/Font", {}).values()
        }
        figures = [
            element
            for element in _structure(pdf.Root.StructTreeRoot)
            if element.get("/S") == pikepdf.Name.Figure
        ]
    assert all(name.startswith("Source-Sans-Pro") for name in fonts), fonts
    assert len(figures) >= 10
    assert all(str(figure.get("/Alt", "")) for figure in figures)


def _structure(node: pikepdf.Object) -> list[pikepdf.Object]:
    found = [node]
    kids = node.get("/K")
    if isinstance(kids, pikepdf.Array):
        for kid in kids:
            if isinstance(kid, pikepdf.Dictionary):
                found += _structure(kid)
    elif isinstance(kids, pikepdf.Dictionary):
        found += _structure(kids)
    return found


def test_figures_of_the_report_are_those_of_the_warehouse(built: Built, report: Report) -> None:
    with built.warehouse() as con:
        share = con.execute(
            "select estimate from metrics.metric_values where metric_id = 'pns_20jp_share' "
            "and cycle = '2026Q3' and slice_kind = 'city'"
        ).fetchall()[0][0]
        high = con.execute(
            "select count(*) filter (hours >= 20), count(*) from (select people.person_key, "
            "coalesce((select sum(jp_attended) from core.fct_attendance as a "
            "where a.person_key = people.person_key and a.starts_at >= date '2026-01-01' "
            "and a.starts_at < date '2026-10-01'), 0) as hours "
            "from core.dim_person_period as people where status = 'PNS' and valid_from < date '2026-10-01' "
            "and (valid_to is null or valid_to >= date '2026-10-01') "
            "and (exit_date is null or exit_date >= date '2026-10-01'))"
        ).fetchall()[0]
    assert share == pytest.approx(high[0] / high[1], rel=1e-12)
    written = f"{100 * high[0] / high[1]:.1f}".replace(".", ",")
    content = json.loads(report.files["leaders.json"])
    row = next(row for row in content["indicators"] if row["metric"] == "pns_20jp_share")
    assert row["now"] == f"{written}\xa0%"


def test_a_first_quarter_without_history_gives_a_report(built: Built) -> None:
    first = compose(built.state.warehouse(), Cycle.parse("2024Q4"))
    text = words(first)
    assert "seri baru" in text
    assert "Belum ada keputusan yang dicatat" in text
    assert "naik dari tahun lalu" not in text


def test_a_quarter_without_training_gives_a_report(built: Built) -> None:
    later = compose(built.state.warehouse(), Cycle.parse("2028Q1"))
    text = words(later)
    assert "Tidak ada pelatihan yang berakhir pada triwulan ini" in text
    assert "tidak ada angkatan yang genap tiga bulan" in text
    assert "None" not in text
    assert "nan" not in text.lower().split()


def test_missing_data_name_the_dataset_the_provider_and_the_day(minimum: Path) -> None:
    text = words(compose(minimum))
    assert re.search(r"belum tersedia: perlu nilai tes dari .+? paling lambat 28 Oktober 2026", text)
    assert "belum tersedia: perlu survei kepuasan masyarakat" in text


def test_the_minimum_set_gives_attendance_and_reaction(minimum: Path) -> None:
    con = duckdb.connect(str(minimum), read_only=True)
    try:
        given = {
            row[0]
            for row in con.execute(
                "select distinct dataset from quality.file_summary where accepted > 0"
            ).fetchall()
        }
        measured = {
            row[0]
            for row in con.execute(
                "select distinct metric_id from metrics.metric_values "
                "where estimate is not null and cycle = '2026Q3'"
            ).fetchall()
        }
    finally:
        con.close()
    assert given == {*MINIMUM, "attendance", "responses"}
    assert {"attendance_rate", "response_rate", "reaction_relevance", "pns_20jp_share"} <= measured
    assert not measured & {"learning_gain", "ikm", "cost_per_jp_person", "behaviour_applied_t3"}


def test_templates_compute_nothing() -> None:
    """Formatting only: no arithmetic, no rounding, no aggregate filters."""
    banned = re.compile(
        r"\{[{%][^}]*(?:\|\s*(?:round|sum|int|float|length|min|max)\b|\s[*/]\s|\s-\s\d|\+\s*\d)"
    )
    for path in sorted((CHECKOUT / "reports" / "templates").glob("*.jinja")):
        assert not banned.search(path.read_text(encoding="utf-8")), path.name


def test_the_message_is_short_and_says_the_same(report: Report) -> None:
    content = json.loads(report.files["leaders.json"])
    for decision in content["decisions"]:
        assert decision["title"] in report.mail.plain
        assert decision["title"] in report.mail.html
    assert "Triwulan III Tahun 2026" in report.mail.subject
    assert "<" not in report.mail.plain


def test_a_figure_without_a_range_is_called_a_full_count_only_where_everybody_was_counted(
    minimum: Path,
) -> None:
    content = json.loads(compose(minimum).files["leaders.json"])
    said = {row["id"]: row["interval"] for row in content["method"]["metrics"]}
    assert said["attendance_rate"].startswith("cacah lengkap")
    assert said["learning_gain"] == said["ikm"] == "belum ada rentang pada triwulan ini"


def test_a_pdf_is_the_same_bytes_where_fonttools_cuts_its_typefaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without HarfBuzz's subset library; fontTools stamps what it writes with the second it is."""
    monkeypatch.setattr("weasyprint.pdf.fonts.harfbuzz_subset", None)
    html = f'<html lang="id"><title>a</title><style>{font_css()} p {{font-family: "Source Sans Pro"}}</style><p>Triwulan III</p>'
    first = print_pdf(html)
    time.sleep(1.1)
    assert print_pdf(html) == first
