"""Measures scikit-learn and LightGBM on the tabular sets and writes the goldens that our tests compare with.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scikit-learn==1.9.1 lightgbm==4.7.0
    OPTIKAL_DATA=../shared/data /tmp/goldens/bin/python packages/ml/goldens/make.py

Run from the repository root. OPTIKAL_DATA defaults to ../shared/data; the sets lie in its folder tabular.
Nothing of ours is read here: the files hold the rivals' numbers only.
"""

import gzip
import hashlib
import json
import os
import sys
from pathlib import Path

import lightgbm
import numpy as np
import sklearn
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score

PINS = {"scikit-learn": "1.9.1", "lightgbm": "4.7.0"}
DATA = Path(os.environ.get("OPTIKAL_DATA", "../shared/data")) / "tabular"
HERE = Path(__file__).parent
# One forest's AUROC has a standard deviation of 0.01 (cardio) to 0.02 (satellite) over seeds. The mean of 10 is
# then known to 0.003-0.006 only, too coarse for a tolerance of 0.01 between two such means; 50 seeds are not.
SEEDS = range(50)
FOLDS = 5
BOOSTING = {"rounds": 200, "leaves": 31, "learningRate": 0.1, "minDataInLeaf": 20}


def read(name):
    raw = gzip.decompress((DATA / f"{name}.csv.gz").read_bytes())
    rows = np.array([[float(x) for x in line.split(",")] for line in raw.decode().strip().split("\n")[1:]])
    return rows[:, :-1], rows[:, -1].astype(int), hashlib.sha256(raw).hexdigest()


def isolation_forest(name):
    x, y, digest = read(name)
    scores = [-IsolationForest(n_estimators=100, max_samples=min(256, len(x)), random_state=seed).fit(x).score_samples(x) for seed in SEEDS]
    auroc = [roc_auc_score(y, s) for s in scores]
    precision = [average_precision_score(y, s) for s in scores]
    return {
        "sha256": digest,
        "rows": len(x),
        "auroc": round(float(np.mean(auroc)), 5),
        "aurocSd": round(float(np.std(auroc, ddof=1)), 5),
        "averagePrecision": round(float(np.mean(precision)), 5),
    }


def boosting(name):
    """Out-of-fold AUROC and log loss; the fold of a row is its index modulo 5, so no seed is involved."""
    x, y, digest = read(name)
    fold = np.arange(len(x)) % FOLDS
    out = np.zeros(len(x))
    per_fold = []
    for k in range(FOLDS):
        params = {
            "objective": "binary",
            "num_leaves": BOOSTING["leaves"],
            "learning_rate": BOOSTING["learningRate"],
            "min_data_in_leaf": BOOSTING["minDataInLeaf"],
            "deterministic": True,
            "num_threads": 1,
            "verbosity": -1,
        }
        model = lightgbm.train(params, lightgbm.Dataset(x[fold != k], y[fold != k]), BOOSTING["rounds"])
        out[fold == k] = model.predict(x[fold == k], raw_score=True)
        per_fold.append(roc_auc_score(y[fold == k], out[fold == k]))
    return {
        "sha256": digest,
        "auroc": round(float(np.mean(per_fold)), 5),
        "aurocByFold": [round(float(a), 5) for a in per_fold],
        "logLoss": round(float(np.mean(np.logaddexp(0, out) - y * out)), 5),
    }


def write(file, about, settings, sets):
    text = json.dumps({"about": about, "madeBy": "make.py", "versions": PINS, "settings": settings, "sets": sets}, indent=2)
    (HERE / file).write_text(text + "\n")


def main():
    found = {"scikit-learn": sklearn.__version__, "lightgbm": lightgbm.__version__}
    if found != PINS:
        sys.exit(f"expected {PINS}, found {found}")
    write(
        "isolation-forest.golden.json",
        "scikit-learn IsolationForest, fitted and scored on all rows; mean over the seeds",
        {"treeCount": 100, "subsampleSize": 256, "seeds": len(SEEDS)},
        {name: isolation_forest(name) for name in ["cardio", "mammography", "satellite", "ionosphere"]},
    )
    write(
        "boosting.golden.json",
        "LightGBM, other settings at their defaults; fold = row index modulo 5; auroc is the mean of the folds, logLoss is over all rows out of fold",
        {**BOOSTING, "folds": FOLDS},
        {name: boosting(name) for name in ["cardio", "mammography", "satellite"]},
    )


if __name__ == "__main__":
    main()
