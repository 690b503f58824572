"""Fits the meta-model's problem with SciPy's bounded optimiser and writes what it finds.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install numpy==2.4.6 scipy==1.17.1
    /tmp/goldens/bin/python packages/ml/goldens/make-stacking.py

Run from the repository root. Margins, labels and row weights are in the file: nothing of ours is read here. No base-dropout: that is a
question of which rows are fitted, not of how.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

PINS = {"numpy": "2.4.6", "scipy": "1.17.1"}
ROWS = 240


def fit(margins, y, weights, l2):
    absent = np.isnan(margins)
    x = np.hstack([np.where(absent, 0, margins), absent, np.ones((len(y), 1))])
    k = margins.shape[1]
    penalty = l2 * weights.sum() * np.append(np.ones(2 * k), 0)

    def loss(w):
        z = x @ w
        value = np.sum(weights * (np.logaddexp(0, z) - y * z)) + 0.5 * np.sum(penalty * w * w)
        return value, x.T @ (weights * (expit(z) - y)) + penalty * w

    bounds = [(0, None)] * k + [(None, None)] * (k + 1)
    w = np.zeros(2 * k + 1)
    for _ in range(5):  # restarts: each one forgets the curvature of the last
        w = minimize(loss, w, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-16, "gtol": 1e-11, "maxiter": 100000, "maxfun": 1000000, "maxcor": 30}).x
    return {"weights": w[:k].tolist(), "absent": w[k : 2 * k].tolist(), "intercept": float(w[-1]), "loss": float(loss(w)[0])}


def case(name, seed, bases, missing, l2, weighted):
    rng = np.random.default_rng(seed)
    y = (rng.random(ROWS) < 0.25).astype(int)
    side = np.where(y == 1, 1.0, -1.0)
    worth = np.linspace(1.2, -0.8, bases)  # the last ones are wrong: their weights are held at 0
    common = rng.standard_normal(ROWS)  # bases see the same rows: their errors go together
    margins = side[:, None] * worth + 0.7 * common[:, None] + rng.standard_normal((ROWS, bases))
    margins = np.round(margins, 3)
    margins[rng.random(margins.shape) < missing] = np.nan
    weights = np.round(rng.exponential(1, ROWS), 3) if weighted else np.ones(ROWS)
    found = fit(margins, y, weights, l2)
    rows = [[None if np.isnan(v) else float(v) for v in row] for row in margins]
    return {"name": name, "l2": l2, "margins": rows, "labels": y.tolist(), "weights": weights.tolist(), "found": found}


def main():
    found = {name: version(name) for name in PINS}
    if found != PINS:
        sys.exit(f"expected {PINS}, found {found}")
    cases = [
        case("two bases", 1, 2, 0, 0.001, False),
        case("five bases, some absent", 2, 5, 0.2, 0.01, False),
        case("row weights, bases mostly absent", 3, 4, 0.6, 0.05, True),
    ]
    about = "logistic regression with weights of at least 0 for margins, free constants for absent bases, L2 of l2 times the sum of row weights"
    text = json.dumps({"about": about, "madeBy": "make-stacking.py", "versions": PINS, "cases": cases})
    Path(__file__).with_name("stacking.golden.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
