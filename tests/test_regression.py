"""Regression against R, statsmodels, textbook formulas and the definition in full matrices."""

import csv
import json
import math
from decimal import Decimal

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from siklatih.cluster_contrasts import cr2_differences
from siklatih.cross_products import cross_products, merge, total_of
from siklatih.regression import (
    INTERCEPT,
    CollinearError,
    indicators,
    regress_clusters,
    regress_rows,
    regress_sums,
)


@pytest.fixture(scope="module")
def expected(shared):
    return json.loads((shared / "data" / "expected.json").read_text(encoding="utf-8"))["values"]


def read(shared, name):
    with (shared / "data" / name).open(encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def sums_of(rows, names, outcome, cluster=lambda row: "all"):
    return cross_products(
        (cluster(row), [Decimal(row[name]) for name in names], Decimal(row[outcome])) for row in rows
    )


@pytest.mark.parametrize(
    ("key", "covariance"), [("att_re78", "nonrobust"), ("att_re78_HC1", "HC1"), ("att_re78_HC3", "HC3")]
)
def test_job_training_experiment_with_robust_errors(shared, expected, key, covariance):
    rows = read(shared, "causaldata_nsw_mixtape.csv")
    fit = regress_rows(
        [float(row["re78"]) for row in rows], {"treat": [float(row["treat"]) for row in rows]}, covariance
    )
    wanted = expected["nsw_dw445"][key]
    assert fit.n == wanted["n"]
    assert (fit["treat"].estimate, fit["treat"].error) == pytest.approx(
        (wanted["est"], wanted["se"]), rel=1e-9
    )
    assert fit["treat"].p == pytest.approx(wanted["p"], rel=1e-6)


@pytest.mark.parametrize(
    ("key", "covariates"),
    [
        ("att_re78", []),
        ("ancova_re75", ["re75"]),
        ("adj_cov", ["age", "age2", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]),
    ],
)
def test_job_training_experiment_with_covariates_from_merged_sums(shared, expected, key, covariates):
    rows = read(shared, "causaldata_nsw_mixtape.csv")
    for row in rows:
        row["age2"] = str(int(row["age"]) ** 2)
    names = ["treat", *covariates]
    parts = [sums_of(rows[start::3], names, "re78") for start in range(3)]
    fit = regress_sums(merge(parts), names)
    wanted = expected["nsw_dw445"][key]
    found = fit["treat"]
    assert (found.estimate, found.error) == pytest.approx((wanted["est"], wanted["se"]), abs=1e-6)
    assert found.p == pytest.approx(wanted["p"], abs=1e-9)
    assert fit.n == 445


def test_weight_by_arm_with_the_weight_before_as_covariate(shared, expected):
    rows = read(shared, "mass_anorexia.csv")
    arms = indicators("Treat", [row["Treat"] for row in rows], base="Cont")
    assert list(arms) == ["Treat=CBT", "Treat=FT"]
    for index, row in enumerate(rows):
        row.update({name: str(column[index]) for name, column in arms.items()})
    names = ["Prewt", *arms]
    for row in rows:
        row["gain"] = str(Decimal(row["Postwt"]) - Decimal(row["Prewt"]))
    fit = regress_sums(sums_of(rows, names, "gain"), names)
    translated = dict(zip(fit.coefficients, ["(Intercept)", "Prewt", "TreatCBT", "TreatFT"], strict=True))
    for found, theirs in translated.items():
        assert found.estimate == pytest.approx(expected["anorexia"]["ancova"][theirs], abs=1e-6)
        assert found.error == pytest.approx(expected["anorexia"]["ancova_se"][theirs], abs=1e-6)


def test_departments_and_the_share_explained(shared, expected):
    rows = read(shared, "attitude_chatterjee_price.csv")
    wanted = expected["attitude"]
    names = [name for name in wanted["lm"] if name != "(Intercept)"]
    fit = regress_sums(sums_of(rows, names, "rating"), names)
    assert fit.r_squared == pytest.approx(wanted["r2"], abs=1e-6)
    assert fit[INTERCEPT].estimate == pytest.approx(wanted["lm"]["(Intercept)"], abs=1e-6)
    for name in names:
        assert fit[name].estimate == pytest.approx(wanted["lm"][name], abs=1e-6)
    by_rows = regress_rows(
        [float(row["rating"]) for row in rows],
        {name: [float(row[name]) for row in rows] for name in names},
        "nonrobust",
    )
    assert by_rows["learning"].error == pytest.approx(fit["learning"].error)


T = [(58, 73), (62, 75), (65, 80), (60, 70), (57, 72), (64, 78)]  # DOMAIN 2.10, TV-DID-2
C = [(59, 63), (61, 66), (63, 66), (58, 61), (62, 68), (60, 63)]
PERSONS = [(f"{arm}{i}", trained, before, after)
           for arm, trained, group in (("t", 1, T), ("c", 0, C)) for i, (before, after) in enumerate(group)]  # fmt: skip


def long_rows():
    for person, trained, before, after in PERSONS:
        yield person, [trained, 0, 0], before
        yield person, [trained, 1, trained], after


def test_difference_in_differences_as_regression():
    clusters = cross_products(long_rows())
    names = ["trained", "after", "did"]
    plain = regress_sums(clusters, names)["did"]
    assert (plain.estimate, plain.error) == pytest.approx(
        (9.666667, 2.410625), abs=1e-6
    )  # too wide: unpaired
    # CR2 by person is Welch's test on the changes: error and difference to the digits of the vector
    paired = regress_clusters(clusters, names)["did"]
    assert (paired.estimate, paired.error) == pytest.approx((9.666666666666666, 0.9545214042184235), abs=1e-6)
    assert paired.degrees == pytest.approx(10)  # equal groups: Bell and McCaffrey's is the pooled one
    ancova = regress_sums(
        cross_products((person, [trained, before], after) for person, trained, before, after in PERSONS),
        ["trained", "before"],
    )["trained"]
    assert (ancova.estimate, ancova.error) == pytest.approx((9.637890, 1.007299), abs=1e-6)


def test_the_default_correction_of_statsmodels_is_another_one():
    # DOMAIN TV-DID-2 gives it as 0.975974; ours has the same estimate and CR2 instead
    design = sm.add_constant(np.array([values for _, values, _ in long_rows()], dtype=float))
    outcome = np.array([y for _, _, y in long_rows()], dtype=float)
    groups = np.repeat(np.arange(12), 2)
    theirs = sm.OLS(outcome, design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    assert theirs.bse[3] == pytest.approx(0.975974, abs=1e-6)


def by_definition(design, outcome, groups):
    """CR2 errors and Satterthwaite degrees in full n by n matrices (Bell and McCaffrey 2002)."""
    bread = np.linalg.inv(design.T @ design)
    away = np.eye(len(outcome)) - design @ bread @ design.T
    residuals = away @ outcome
    names = sorted(set(groups))
    meat, adjusts = 0, []
    for name in names:
        rows = np.array([group == name for group in groups])
        values, vectors = np.linalg.eigh(away[np.ix_(rows, rows)])
        root = [1 / math.sqrt(value) if value > 1e-9 else 0 for value in values]
        adjusts.append((rows, vectors @ np.diag(root) @ vectors.T))
        score = design[rows].T @ adjusts[-1][1] @ residuals[rows]
        meat = meat + np.outer(score, score)
    degrees = []
    for column in range(design.shape[1]):
        loads = np.stack(
            [away[:, rows] @ adjust @ design[rows] @ bread[:, column] for rows, adjust in adjusts], axis=1
        )
        spread = loads.T @ loads
        degrees.append(np.trace(spread) ** 2 / (spread**2).sum())
    return np.sqrt(np.diag(bread @ meat @ bread)), degrees


def drawn(seed, clusters=11):
    chance = np.random.default_rng(seed)
    sizes = chance.integers(2, 9, clusters)
    groups = [f"b{index:02d}" for index, size in enumerate(sizes) for _ in range(size)]
    place = np.repeat(np.arange(clusters), sizes)
    design = np.column_stack([
        chance.integers(1000, 1030, len(groups)), chance.integers(0, 2, clusters)[place],
        chance.integers(0, 6, len(groups)),
    ])  # fmt: skip
    return groups, design, chance.integers(0, 100, len(groups)) + 9 * (place % 3)


@pytest.mark.parametrize("seed", range(6))
def test_cluster_errors_are_those_of_the_definition_in_full_matrices(seed):
    groups, design, outcome = drawn(seed)
    sums = cross_products(
        (group, [int(x) for x in row], int(y)) for group, row, y in zip(groups, design, outcome, strict=True)
    )
    fit = regress_clusters(sums, ["x", "t", "z"])
    errors, degrees = by_definition(sm.add_constant(design.astype(float)), outcome.astype(float), groups)
    assert [c.error for c in fit.coefficients] == pytest.approx(list(errors), rel=1e-6)
    assert [c.degrees for c in fit.coefficients] == pytest.approx(degrees, rel=1e-6)
    assert fit.clusters == 11


@pytest.mark.parametrize("seed", range(6))
def test_fixed_effects_of_clusters_are_those_of_indicator_columns(seed):
    groups, design, outcome = drawn(seed)
    sums = cross_products(
        (group, [int(x), int(z)], int(y)) for group, (x, _, z), y in zip(groups, design, outcome, strict=True)
    )
    full = np.column_stack(
        [
            design[:, [0, 2]] - 1015.0,
            [[float(group == name) for name in sorted(set(groups))] for group in groups],
        ]
    )
    robust = regress_clusters(sums, ["x", "z"], within=True)
    errors, degrees = by_definition(full, outcome.astype(float), groups)
    plain = sm.OLS(outcome.astype(float), full).fit()
    assert [c.estimate for c in robust.coefficients] == pytest.approx(list(plain.params[:2]))
    assert [c.error for c in robust.coefficients] == pytest.approx(list(errors[:2]), rel=1e-6)
    assert [c.degrees for c in robust.coefficients] == pytest.approx(degrees[:2], rel=1e-6)
    classical = regress_sums(sums, ["x", "z"], within=True)
    assert [c.error for c in classical.coefficients] == pytest.approx(list(plain.bse[:2]))
    assert [c.p for c in classical.coefficients] == pytest.approx(list(plain.pvalues[:2]))


def test_rows_as_their_own_clusters_give_hc2_and_the_degrees_of_two_groups():
    # Imbens and Kolesar 2016, section 2: degrees of freedom of a difference of two means
    trained, rest = [5, 9, 7, 12], [3, 4, 4, 8, 1, 6, 2]
    rows = [(f"p{i}", [int(i < 4)], y) for i, y in enumerate(trained + rest)]
    found = regress_clusters(cross_products(rows), ["t"])["t"]
    design = sm.add_constant(np.array([x for _, x, _ in rows], dtype=float))
    theirs = sm.OLS(trained + rest, design).fit(cov_type="HC2")
    assert found.error == pytest.approx(theirs.bse[1])
    n1, n0 = 4, 7
    degrees = (n0 + n1) ** 2 * (n0 - 1) * (n1 - 1) / (n1**2 * (n1 - 1) + n0**2 * (n0 - 1))
    assert found.degrees == pytest.approx(degrees)


@pytest.mark.parametrize("seed", range(4))
def test_a_difference_of_two_means_is_the_closed_form(seed):
    groups, design, outcome = drawn(seed)
    treated = design[:, 1]
    rows = [(g, [int(t)], int(y)) for g, t, y in zip(groups, treated, outcome, strict=True)]
    found = regress_clusters(cross_products(rows), ["t"])["t"]
    cells = [
        [
            [sum(f(y) for g, [t], y in rows if g == name and t == arm) for name in sorted(set(groups))]
            for f in fs
        ]
        for arm, fs in ((1, (lambda y: 1, lambda y: y)), (0, (lambda y: 1, lambda y: y)))
    ]
    closed = cr2_differences(*cells[0], *cells[1])
    assert found.estimate == pytest.approx(float(closed.estimate))
    assert (found.error, found.degrees) == pytest.approx(
        (float(closed.standard_error), float(closed.degrees))
    )


def test_what_only_one_cluster_determines_has_no_error():
    groups, design, outcome = drawn(1)
    sums = cross_products(
        (group, [int(x), int(group == "b03")], int(y))
        for group, (x, _, _), y in zip(groups, design, outcome, strict=True)
    )
    found = regress_clusters(sums, ["x", "only"])["only"]
    assert math.isfinite(found.estimate)
    assert math.isnan(found.error)
    assert math.isnan(found.low)


@pytest.mark.parametrize(
    "values",
    [[(1, 2), (2, 4), (3, 6), (5, 10)], [(1, 7), (2, 7), (3, 7), (5, 7)], [(0, 1), (0, 2), (0, 3), (0, 4)]],
)
def test_columns_that_are_combinations_of_others_are_refused(values):
    sums = cross_products(("all", list(row), index) for index, row in enumerate(values))
    with pytest.raises(CollinearError):
        regress_sums(sums, ["a", "b"])
    with pytest.raises(CollinearError):
        regress_rows([0, 1, 2, 3], {"a": [a for a, _ in values], "b": [b for _, b in values]})


def test_scores_far_from_zero_lose_nothing():
    # X'X of such columns in floats keeps three digits of the slope; shifted exactly it keeps all
    rows = [(f"c{i % 5}", [10**9 + i], 3 * i + (i * i) % 7) for i in range(40)]
    near = [(cluster, [x - 10**9], y) for cluster, [x], y in rows]
    for regress in (regress_sums, regress_clusters):
        far, close = (regress(cross_products(some), ["x"])["x"] for some in (rows, near))
        assert (far.estimate, far.error, far.degrees) == pytest.approx(
            (close.estimate, close.error, close.degrees), rel=1e-12
        )


decimals = st.decimals(-1000, 1000, places=4)
tables = st.lists(
    st.tuples(st.sampled_from("abcde"), st.tuples(decimals, st.integers(0, 1)), decimals), max_size=30
)


@settings(deadline=None)
@given(tables, st.randoms(), st.integers(1, 4))
def test_parts_merge_into_exactly_the_whole_however_the_rows_are_split(rows, chance, number):
    whole = cross_products(rows)
    shuffled = list(rows)
    chance.shuffle(shuffled)
    parts = [cross_products(shuffled[start::number]) for start in range(number)]
    assert merge(parts) == whole
    if whole:
        assert total_of(merge(parts)) == total_of(whole)
        assert total_of(whole).n == len(rows)


@settings(deadline=None, max_examples=25)
@given(st.randoms(), st.integers(0, 5))
def test_figures_of_merged_parts_are_those_of_the_whole(chance, seed):
    groups, design, outcome = drawn(seed)
    rows = [(g, [int(x) for x in row], int(y)) for g, row, y in zip(groups, design, outcome, strict=True)]
    whole = regress_clusters(cross_products(rows), ["x", "t", "z"])
    # whole clusters go to one part or the other, as class K asks
    side = {group: chance.random() < 0.5 for group in set(groups)}
    parts = [cross_products(row for row in rows if side[row[0]] is here) for here in (True, False)]
    chance.shuffle(parts)
    assert regress_clusters(merge(parts), ["x", "t", "z"]) == whole
