"""McDonald's omega: one common factor fitted to the correlation matrices of many slices at once.

statsmodels fits one matrix at a time and stops short where a uniqueness runs to zero; here that Heywood
case is held at a floor, recognised and reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from siklatih.arrays import Array, Numbers, floats, quotient
from siklatih.reliability import correlations, cronbach_alpha

FLOOR = 1e-6  # a uniqueness is held here: at zero the likelihood has no value
HEYWOOD = 0.005  # below it nothing of an item would be its own: not believed
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Value = Callable[[Array, Rows], Array]
Slopes = Callable[[Array, Rows], tuple[Array, Array]]


@dataclass(frozen=True)
class OneFactor:
    """One-factor fits of standardised items.

    Attributes:
        loadings: shape (..., k); their sum is not negative.
        uniquenesses: shape (..., k).
        heywood: a uniqueness fell below 0.005, shape (...): the model does not fit, use alpha.
        omega: (sum of loadings)² / ((sum of loadings)² + sum of uniquenesses) (McDonald 1999), shape (...).
        omega_total: 1 - sum of uniquenesses / sum of correlations, as psych's ``omega.tot`` (Revelle and
            Zinbarg 2009), shape (...).

    All NaN and not Heywood where nothing could be fitted: fewer than three items (one factor is then not
    determined), correlations that are not defined or not positive definite, or no convergence.
    """

    loadings: Array
    uniquenesses: Array
    heywood: Flags
    omega: Array
    omega_total: Array


def one_factor(covariance: Numbers, *, method: str = "ml") -> OneFactor:
    """Fit one factor to covariance or correlation matrices of shape (..., k, k).

    Args:
        covariance: one matrix a slice; only its correlations matter.
        method: ``ml``, maximum likelihood (Jöreskog 1967), or ``minres``, least squares of the
            correlations (Harman and Jones 1966), psych's default.
    """
    given = correlations(covariance)
    shape, k = given.shape[:-2], given.shape[-1]
    stack = given.reshape((-1, k, k))
    loadings = np.full(stack.shape[:-1], np.nan)
    unique = np.full(stack.shape[:-1], np.nan)
    if k >= 3:
        usable = np.flatnonzero(_positive_definite(stack))
        fit = {"ml": _maximum_likelihood, "minres": _minimum_residuals}[method]
        if len(usable):
            loadings[usable], unique[usable] = fit(stack[usable])
    loadings *= np.where(loadings.sum(-1) < 0, -1.0, 1.0)[:, None]
    common = loadings.sum(-1) ** 2
    own = unique.sum(-1)
    return OneFactor(
        loadings.reshape((*shape, k)),
        unique.reshape((*shape, k)),
        np.asarray((unique < HEYWOOD).any(-1)).reshape(shape),
        quotient(common, common + own).reshape(shape),
        (1 - quotient(own, stack.sum((-2, -1)))).reshape(shape),
    )


def reported_reliability(covariance: Numbers) -> tuple[Array, npt.NDArray[np.str_]]:
    """Return what is reported for a scale, with its name: ``omega``, else ``alpha_heywood`` or ``alpha``.

    Omega of standardised items by maximum likelihood; alpha where the fit is a Heywood case or there is
    none (DOMAIN 2.8).
    """
    fit = one_factor(covariance)
    use_omega = ~fit.heywood & np.isfinite(fit.omega)
    name = np.where(use_omega, "omega", np.where(fit.heywood, "alpha_heywood", "alpha"))
    return np.where(use_omega, fit.omega, cronbach_alpha(covariance)), name


def _positive_definite(stack: Array) -> Flags:
    finite = np.isfinite(stack).all((-2, -1))
    smallest = np.full(len(stack), -1.0)
    smallest[finite] = np.linalg.eigvalsh(stack[finite])[:, 0]
    return smallest > 1e-10


def _maximum_likelihood(stack: Array) -> tuple[Array, Array]:
    """Minimise over x = log uniqueness; the loadings follow from the largest root."""

    def value(x: Array, rows: Rows) -> Array:
        scale = np.exp(-x / 2)
        small = np.linalg.eigvalsh(stack[rows] * scale[:, :, None] * scale[:, None, :])[:, :-1]
        small = np.maximum(small, 1e-300)
        return floats((small - np.log(small) - 1).sum(-1))

    def slopes(x: Array, rows: Rows) -> tuple[Array, Array]:
        roots, vectors = _scaled_roots(stack[rows], x)
        small, rest = roots[:, None, :-1], vectors[:, :, :-1]
        first, top = roots[:, None, -1:], vectors[:, :, -1]
        turned = rest.swapaxes(-1, -2)
        # a gap of nothing means no common factor: the curvature is then unbounded, so the gap is kept open
        gap = np.maximum(first - small, 1e-9)
        bent = (rest * ((1 - small) * (first + small) / gap)) @ turned
        curve = ((rest * small) @ turned) * (rest @ turned) + top[:, :, None] * top[:, None, :] * bent
        return (rest**2 * (1 - small)).sum(-1), curve

    k = stack.shape[-1]
    floor = float(np.log(FLOOR))
    start = np.log((1 - 0.5 / k) / np.diagonal(np.linalg.inv(stack), axis1=-2, axis2=-1))
    found = _minimise(value, slopes, np.maximum(start, floor), floor)
    good = np.isfinite(found).all(-1)
    loadings = np.full_like(found, np.nan)
    roots, vectors = _scaled_roots(stack[good], found[good])
    size = np.sqrt(np.maximum(roots[:, -1] - 1, 0.0))
    loadings[good] = vectors[:, :, -1] * size[:, None] * np.exp(found[good] / 2)
    return loadings, np.exp(found)


def _scaled_roots(stack: Array, x: Array) -> tuple[Array, Array]:
    scale = np.exp(-x / 2)
    roots, vectors = np.linalg.eigh(stack * scale[:, :, None] * scale[:, None, :])
    return np.maximum(roots, 1e-300), vectors


def _minimum_residuals(stack: Array) -> tuple[Array, Array]:
    """Minimise the squared differences outside the diagonal over the loadings."""
    unit = np.eye(stack.shape[-1])

    def left(x: Array, rows: Rows) -> Array:
        return (stack[rows] - x[:, :, None] * x[:, None, :]) * (1 - unit)

    def value(x: Array, rows: Rows) -> Array:
        return floats(0.5 * (left(x, rows) ** 2).sum((-2, -1)))

    def slopes(x: Array, rows: Rows) -> tuple[Array, Array]:
        residual = left(x, rows)
        outer = x[:, :, None] * x[:, None, :] * (1 - unit)
        rest = (x**2).sum(-1, keepdims=True) - x**2
        curve = 2 * (outer - residual) + 2 * rest[:, :, None] * unit
        return -2 * (residual @ x[:, :, None])[:, :, 0], curve

    roots, vectors = np.linalg.eigh(stack)
    start = vectors[:, :, -1] * np.sqrt(np.maximum(roots[:, -1:] - 0.5, 0.1))
    found = _minimise(value, slopes, start, -np.inf)
    return found, 1 - found**2


def _minimise(value: Value, slopes: Slopes, start: Array, floor: float, rounds: int = 200) -> Array:
    """Newton's method on every row at once, with backtracking; NaN for a row that does not settle."""
    x = start.copy()
    rows = np.arange(len(x))
    for _ in range(rounds):
        step = _newton_step(x[rows], *slopes(x[rows], rows), floor)
        new = _backtrack(value, x[rows], rows, step, floor)
        moved = np.abs(new - x[rows]).max(-1)
        x[rows] = new
        rows = rows[moved > 1e-9]
        if not len(rows):
            return x
    x[rows] = np.nan
    return x


def _newton_step(x: Array, gradient: Array, curve: Array, floor: float) -> Array:
    """Step with the curvature made positive, none for what is held at the floor; two units at most."""
    held = (x <= floor) & (gradient > 0)
    free = ~held
    curve = np.where(free[:, :, None] & free[:, None, :], curve, np.eye(x.shape[-1]))
    roots, vectors = np.linalg.eigh(curve)
    along = (vectors.swapaxes(-1, -2) @ np.where(held, 0.0, gradient)[:, :, None])[:, :, 0]
    step = -(vectors @ (along / np.maximum(np.abs(roots), 1e-10))[:, :, None])[:, :, 0]
    return np.where(held, 0.0, np.clip(step, -2.0, 2.0))


def _backtrack(value: Value, x: Array, rows: Rows, step: Array, floor: float) -> Array:
    """Halve each row's step until its value does not rise; return where it ends."""
    new = np.maximum(x + step, floor)
    before = value(x, rows)
    worse = np.flatnonzero(value(new, rows) > before + 1e-13 * (1 + np.abs(before)))
    share = 1.0
    while len(worse) and share > 1e-9:
        share /= 2
        new[worse] = np.maximum(x[worse] + share * step[worse], floor)
        still = value(new[worse], rows[worse]) > before[worse] + 1e-13 * (1 + np.abs(before[worse]))
        worse = worse[still]
    new[worse] = x[worse]  # no descent left within the precision of floats
    return new
