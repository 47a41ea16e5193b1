"""Matching as a linear programme, written down from its definition and solved by HiGHS: what the flow is held against.

The matrix of a flow is totally unimodular, so the programme's optimum is that of whole numbers.
"""

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix, vstack

from patrols.matching import Case, Volunteer
from patrols.matching.distances import chords, metres_of, unit_vectors


def optimum(cases: list[Case], volunteers: list[Volunteer]) -> tuple[int, int]:
    """Return the most weight that can be served, and the least total of weight times whole metres that does it."""
    rows: list[int] = []
    columns: list[int] = []
    ways: list[int] = []
    people = unit_vectors([one.lon for one in volunteers], [one.lat for one in volunteers])
    for number, case in enumerate(cases):
        away = np.rint(metres_of(chords(unit_vectors([case.lon], [case.lat])[0], people)))
        for other, one in enumerate(volunteers):
            fits = not case.only_body and one.key not in case.without and case.needs <= one.skills
            if fits and one.available and away[other] <= one.radius:
                rows.append(number)
                columns.append(other)
                ways.append(int(away[other]))
    if not rows:
        return 0, 0
    edges = np.arange(len(rows))
    of_case = csr_matrix((np.ones(len(rows)), (rows, edges)), shape=(len(cases), len(rows)))
    of_person = csr_matrix((np.ones(len(rows)), (columns, edges)), shape=(len(volunteers), len(rows)))
    limits = [case.places for case in cases] + [one.capacity for one in volunteers]
    weights = np.array([cases[row].weight for row in rows], float)
    within = {"A_ub": vstack([of_case, of_person]), "b_ub": limits, "bounds": (0, 1), "method": "highs"}
    most = linprog(-weights, **within)
    served = round(-most.fun)
    least = linprog(weights * ways, A_eq=csr_matrix(weights), b_eq=[served], **within)
    return served, round(least.fun)
