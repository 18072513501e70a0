"""Promises about the code itself that a linter does not know."""

from __future__ import annotations

import ast
import codecs
import re
import subprocess
from pathlib import Path

import pytest

from siklatih.settings import CHECKOUT
from siklatih.warehouse import read_models, tables_in

LIBRARY = sorted(
    path for folder in ("siklatih", "flows", "tasks") for path in (CHECKOUT / folder).rglob("*.py")
)
SQL = sorted((CHECKOUT / "sql").rglob("*.sql"))
HEADER = re.compile(r"^-- (\w+): +(.*)$", re.MULTILINE)
PARAMETER = re.compile(r"\$(\w+)")


def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def test_only_settings_reads_the_environment() -> None:
    readers = {
        path.relative_to(CHECKOUT).as_posix()
        for path in LIBRARY
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv", "environb")
    }
    assert readers == {"siklatih/settings.py"}


def test_the_library_does_not_know_prefect() -> None:
    for path in LIBRARY:
        if path.relative_to(CHECKOUT).parts[0] != "siklatih":
            continue
        for node in nodes(path):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not {name.split(".")[0] for name in names} & {"prefect", "flows", "tasks"}, path


# What may be formatted into SQL: names and pieces that come from contracts, SQL files or constants, never
# from data. A value is always bound with a $name; one that were formatted in would not be in this list.
PIECES = re.compile(
    r"^(quoted\(.*\)|item_of\(.*\)|_?listed(\(contract\))?|ddl|text_columns|typed|person|into|schema|dataset|stored|origin|names?|content"
    r"|unnested|columns?|condition|check\.bad_when|people|joins|batch|CODE_CHARACTERS|name_key or 'cast\(null as VARCHAR\)'|_readable\(contract\)|contract\.dataset|', '\.join\(.*\)|table_columns\(contract\)"
    r"|waits|numbered|model\.sql|metric\.sql\.rstrip\(\)\.rstrip\(';'\)|cast|fault|given|filled|kind|lookups.*|key|fate|metric_id|model\..*|table)$"
)


def formatted_into_sql(path: Path) -> list[str]:
    """Expressions inside f-strings that begin like SQL or stand in an execute call."""
    found = []
    for node in nodes(path):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("execute", "sql", "executemany")
        ):
            for argument in node.args[:1]:
                found += [
                    ast.unparse(part.value)
                    for part in ast.walk(argument)
                    if isinstance(part, ast.FormattedValue)
                ]
    return found


def test_values_are_bound_and_only_names_are_formatted_into_sql() -> None:
    strange = {
        (path.relative_to(CHECKOUT).as_posix(), piece)
        for path in LIBRARY
        for piece in formatted_into_sql(path)
        if not PIECES.match(piece)
    }
    assert strange == set()


def test_the_guard_sees_a_value_that_is_formatted_in(tmp_path: Path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("def find(con, row):\n    con.execute(f\"select * from t where nip = '{row.nip}'\")\n")
    assert [piece for piece in formatted_into_sql(bad) if not PIECES.match(piece)] == ["row.nip"]


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_headers_of_sql_files_are_true(path: Path) -> None:
    sql = path.read_text(encoding="utf-8")
    header = dict(HEADER.findall(sql))
    assert sql.splitlines()[0] == f"-- {path.stem}"
    assert header["what"]
    assert header["grain"]
    named = {name.strip() for name in header["reads"].split(",")}
    assert named == set(tables_in(sql)), "reads"
    body = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    used = set(PARAMETER.findall(body))
    assert ({name.strip().removeprefix("$") for name in header["params"].split(",")} - {"none"}) == used, (
        "params"
    )
    assert body.count(";") == 0, "one SELECT a file"
    prefix = {"staging": "stg_", "metrics": "mtr_", "reports": "rpt_", "checks": "chk_", "lists": "lst_"}.get(
        path.parent.name
    )
    assert path.stem.startswith(prefix or ("dim_", "fct_", "brg_"))


LAYERS = {
    "staging": {"accepted", "staging", "config", "quality"},
    "core": {"staging", "core"},
    "metrics": {"core"},
    "reports": {"core", "metrics", "quality"},
    "checks": {"accepted", "quality"},
    "lists": {"accepted", "staging", "quality"},  # of people, for whom the vault has names
}


@pytest.mark.parametrize("path", SQL, ids=lambda path: path.stem)
def test_a_layer_reads_those_below_it_only(path: Path) -> None:
    read = {table.split(".")[0] for table in tables_in(path.read_text(encoding="utf-8"))}
    assert read <= LAYERS[path.parent.name]


def test_the_order_of_models_is_found_from_the_sql() -> None:
    done: set[str] = set()
    tables = {model.table for model in read_models()}
    for model in read_models():
        assert (model.reads & tables) <= done, model.table
        done.add(model.table)
    assert len(done) > 30


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [
        CHECKOUT / name for name in listed.stdout.decode().split("\0") if name and (CHECKOUT / name).exists()
    ]


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    hosts = [
        ".".join(parts)
        for parts in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"), ("deb", "debian"))
    ]
    paths = re.compile(
        "(?:^|[\"' =(])/(?:" + "|".join(["ho" + "me", "ro" + "ot", "wo" + "rk", "Us" + "ers"]) + ")/\\w",
        re.MULTILINE,
    )
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="replace")
        assert not [host for host in hosts if host in text], path
        assert not paths.search(text), path


def test_locks_pin_with_hashes_and_without_addresses() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (CHECKOUT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index-url" not in text
        pins = re.findall(r"^[a-z0-9][^ ]*==[^ ]+", text, re.MULTILINE)
        assert len(pins) > 100
        assert text.count("--hash=sha256:") >= len(pins)
        versions = dict(pin.split("==") for pin in pins)
        assert tuple(map(int, versions["sqlalchemy"].split(".")[:2])) < (2, 1)
        assert tuple(map(int, versions["fastapi"].split(".")[:2])) < (0, 151)


def test_files_stay_small() -> None:
    long = {
        path.name: count
        for path in LIBRARY
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 310
    }
    assert long == {}


def test_every_dependency_says_why() -> None:
    text = (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")
    block = text[text.index("dependencies = [") : text.index("]\n", text.index("dependencies = ["))]
    lines = [line for line in block.splitlines()[1:] if line.strip().startswith('"')]
    assert len(lines) > 10
    assert [line for line in lines if "#" not in line] == []


def test_addresses_in_code_and_tests_are_invented() -> None:
    address = re.compile(r"[\w.+-]+@([\w-]+\.[\w.]+)")
    for path in tracked():
        if path.suffix not in (".py", ".yaml", ".yml", ".md", ".jinja", ".toml", ".csv"):
            continue
        # Export files are kept as their tools write them, so some are UTF-16 or a Windows code page.
        data = path.read_bytes()
        encoding = "utf-16" if data.startswith(codecs.BOM_UTF16_LE) else "utf-8"
        for domain in address.findall(data.decode(encoding, errors="replace")):
            assert domain.rstrip(".").lower() == "example.org", (path, domain)
