"""Asks Optuna's own Parzen estimator for densities and writes them, with values of the normal distribution from Python's math module.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install optuna==5.0.0 numpy==2.4.6
    /tmp/goldens/bin/python packages/ml/goldens/make-parzen.py

Run from the repository root. Observations and points are in the file: nothing of ours is read here.
"""

import json
import math
from importlib.metadata import version
from pathlib import Path

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers._tpe import _truncnorm
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters
from optuna.samplers._tpe.sampler import default_weights

PINS = {"optuna": "5.0.0", "numpy": "2.4.6"}
for name, pin in PINS.items():
    assert version(name) == pin, f"{name} {version(name)}, expected {pin}"

# NumPy's default sort leaves the order of equal observations open; ours is the order of the trials.
argsort = np.argsort
np.argsort = lambda a, *_, **__: argsort(a, kind="stable")

SPACE = {
    "float": (FloatDistribution(-2, 3), lambda r: r.uniform(-2, 3)),
    "log": (FloatDistribution(1e-4, 10, log=True), lambda r: math.exp(r.uniform(math.log(1e-4), math.log(10)))),
    "stepped": (FloatDistribution(0, 1, step=0.25), lambda r: 0.25 * r.integers(0, 5)),
    "int": (IntDistribution(3, 40), lambda r: int(r.integers(3, 41))),
    "logint": (IntDistribution(1, 512, log=True), lambda r: int(round(math.exp(r.uniform(0, math.log(512)))))),
    "choice": (CategoricalDistribution(("a", "b", "c")), lambda r: int(r.integers(0, 3))),
}
PARAMETERS = _ParzenEstimatorParameters(1.0, True, False, default_weights, True)


def case(names, observations, points, seed):
    r = np.random.default_rng(seed)
    space = {n: SPACE[n][0] for n in names}
    draw = lambda count: {n: np.array([SPACE[n][1](r) for _ in range(count)], dtype=float) for n in names}
    seen, asked = draw(observations), draw(points)
    estimator = _ParzenEstimator(seen, space, PARAMETERS)
    return {
        "names": list(names),
        "observations": {n: v.tolist() for n, v in seen.items()},
        "points": {n: v.tolist() for n, v in asked.items()},
        "logDensity": estimator.log_pdf(asked).tolist(),
    }


cases = [case([n], k, 6, i) for i, n in enumerate(SPACE) for k in (0, 1, 2, 7, 40)]
cases += [case(list(SPACE), k, 8, 100 + k) for k in (0, 1, 3, 26, 120)]
grid = [-38.0, -9.5, -6.1, -3.0, -1.3, -0.9, -0.2, 0.0, 0.4, 1.1, 2.7, 5.5, 7.9]
intervals = [(-40.0, -39.5), (-8.0, -6.0), (-3.0, 2.0), (-0.001, 0.0005), (1.0, 1.0001), (5.0, 9.0), (30.0, 31.0)]
golden = {
    "versions": PINS,
    "normal": {"x": grid, "erfc": [math.erfc(x) for x in grid], "logCdf": [_truncnorm._log_ndtr_single(x) for x in grid]},
    "mass": {
        "intervals": intervals,
        "log": [float(_truncnorm._log_gauss_mass(np.array([a]), np.array([b]))[0]) for a, b in intervals],
    },
    "cases": cases,
}
Path("packages/ml/goldens/parzen.golden.json").write_text(json.dumps(golden) + "\n")
