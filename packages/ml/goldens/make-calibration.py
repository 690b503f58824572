"""Fits beta calibration with two others' code and writes what they find: betacal by the authors of the method, and SciPy's bounded optimiser.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scikit-learn==1.9.1 betacal==1.1.0
    /tmp/goldens/bin/python packages/ml/goldens/make-calibration.py

Run from the repository root. The margins and labels are in the file: nothing of ours is read here. betacal fits plain labels and drops a
slope that comes out negative; SciPy fits Platt's smoothed targets within the bounds, which is what we fit.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from betacal import BetaCalibration
from scipy.optimize import minimize
from scipy.special import expit

PINS = {"scikit-learn": "1.9.1", "betacal": "1.1.0"}
ROWS = 300
GRID = [-4, -2, -1, 0, 1, 2, 4]


def softplus(x):
    return np.logaddexp(0, x)


def drawn(seed, a, b, c):
    rng = np.random.default_rng(seed)
    u = np.round(1.8 * rng.standard_normal(ROWS), 3)
    y = (rng.random(ROWS) < expit(c - a * softplus(-u) + b * softplus(u))).astype(int)
    return u, y


def bounded(u, y):
    positives = y.sum()
    negatives = len(y) - positives
    t = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    x = np.column_stack([-softplus(-u), softplus(u), np.ones_like(u)])

    def loss(w):
        z = x @ w
        return np.sum(softplus(z) - t * z), x.T @ (expit(z) - t)

    found = minimize(loss, [1, 1, 0], jac=True, method="L-BFGS-B", bounds=[(0, None), (0, None), (None, None)], options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 10000})
    return [float(v) for v in found.x]


def case(name, seed, a, b, c):
    u, y = drawn(seed, a, b, c)
    betacal = BetaCalibration(parameters="abm").fit(expit(u).reshape(-1, 1), y).predict(expit(np.array(GRID, float)).reshape(-1, 1))
    return {"name": name, "margins": u.tolist(), "labels": y.tolist(), "bounded": bounded(u, y), "betacal": [float(p) for p in betacal]}


def main():
    found = {name: version(name) for name in PINS}
    if found != PINS:
        sys.exit(f"expected {PINS}, found {found}")
    cases = [
        case("bend upwards", 1, 0.5, 2, -0.5),
        case("bend downwards", 2, 2, 0.4, 0.3),
        case("straight", 3, 1, 1, 0),
        case("falls far above", 4, 1.5, -1, 0),
        case("rare", 5, 1, 1, -3),
    ]
    about = "beta calibration of margins as log-odds; bounded: a, b, c for smoothed targets; betacal: probabilities on the grid for plain labels"
    text = json.dumps({"about": about, "madeBy": "make-calibration.py", "versions": PINS, "grid": GRID, "cases": cases})
    Path(__file__).with_name("calibration.golden.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
