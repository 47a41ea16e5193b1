"""The same figures as esda's on data that libpysal brings along."""

import warnings
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from maps.hotspots.statistics.discovery import adjusted
from maps.hotspots.statistics.getis_ord import local_g, permuted, two_sided
from maps.hotspots.statistics.rates import smoothed

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import esda
    import libpysal


def columns(table: str, *names: str) -> list[np.ndarray]:
    rows = libpysal.io.open(libpysal.examples.get_path(table))
    return [np.array(rows.by_col(name), dtype=float) for name in names]


@pytest.fixture(
    scope="module", params=[("stl_hom.csv", "stl.gal", "HR8893"), ("columbus.dbf", "columbus.gal", "CRIME")]
)
def known(request: pytest.FixtureRequest) -> Any:
    """A variable, its neighbours as ours with everybody among their own, and esda's answer."""
    table, gal, name = request.param
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weights = libpysal.io.open(libpysal.examples.get_path(gal)).read()
        [values] = columns(table, name)
        near = sparse.csr_matrix(weights.sparse + sparse.identity(weights.n))
        near.data[:] = 1.0
        weights.transform = "B"
        # Its default, `transform="R"`, has a variance that does not fit its weights.
        answer = esda.G_Local(values, weights, transform="B", star=True, permutations=1999, seed=7, n_jobs=1)
    return values, near, answer


def test_gi_star_is_the_same(known: Any) -> None:
    values, near, answer = known
    assert local_g(values, near) == pytest.approx(answer.Zs, abs=1e-9)


def test_its_p_is_one_sided_and_ours_twice_that(known: Any) -> None:
    values, near, answer = known
    assert two_sided(local_g(values, near)) == pytest.approx(np.minimum(1, 2 * answer.p_norm), abs=1e-9)


def test_pseudo_p_is_the_same_but_for_chance(known: Any) -> None:
    values, near, answer = known
    ours = permuted(values, near, 1999, 11)
    theirs = np.minimum(1, 2 * answer.p_sim)
    # Five standard errors of the difference of two shares of 1,999, doubled; never quite nothing.
    bound = 5 * 2 * np.sqrt(2 * theirs / 2 * (1 - theirs / 2) / 1999) + 0.006
    assert (np.abs(ours - theirs) <= bound).all()


def test_false_discovery_rate_is_the_same(known: Any) -> None:
    p = two_sided(local_g(known[0], known[1]))
    for level in (0.01, 0.05, 0.1):
        threshold = esda.fdr(p, level)
        # Where nothing is a finding, esda still names a threshold: the first step's.
        findings = p <= threshold if (np.sort(p) <= np.arange(1, len(p) + 1) * level / len(p)).any() else p < 0
        assert (adjusted(p) <= level).tolist() == findings.tolist()


def test_empirical_bayes_rates_are_the_same() -> None:
    for table, counts, base in (("sids2.dbf", "SID74", "BIR74"), ("stl_hom.csv", "HC8893", "PO8893")):
        found, people = columns(table, counts, base)
        theirs = esda.smoothing.Empirical_Bayes(found, people).r.ravel()
        assert smoothed(found, people) == pytest.approx(theirs, rel=1e-9)
