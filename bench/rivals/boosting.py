"""LightGBM and scikit-learn's HistGradientBoosting on files of ours, one thread each: figures as JSON on standard output.

    .cache/rivals/bin/python bench/rivals/boosting.py JOB.json

`boosting.ts` writes the job and reads the answer, `setup.sh` makes the environment. A file holds rows x cols float64, row by row, then the
labels as uint8, little-endian. The first trainRows rows are fitted and the rest is judged; with folds > 1 instead each fold (row index modulo
folds) is judged by a model of the others. Seconds are processor time of a fit, binning included.
"""

import json
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"

import lightgbm
import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss, roc_auc_score

MAX_BINS = 255


def fit_lightgbm(x, y, options):
    params = {
        "objective": "binary",
        "num_leaves": options["leaves"],
        "learning_rate": options["learningRate"],
        "min_data_in_leaf": options["minDataInLeaf"],
        "max_bin": MAX_BINS,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
    model = lightgbm.train(params, lightgbm.Dataset(x, y), options["rounds"])
    return model.predict


def fit_sklearn(x, y, options):
    model = HistGradientBoostingClassifier(
        max_iter=options["rounds"],
        max_leaf_nodes=options["leaves"],
        learning_rate=options["learningRate"],
        min_samples_leaf=options["minDataInLeaf"],
        max_bins=MAX_BINS,
        early_stopping=False,
        random_state=0,
    ).fit(x, y)
    return lambda rows: model.predict_proba(rows)[:, 1]


RIVALS = {
    "LightGBM": (lightgbm.__version__, fit_lightgbm),
    "scikit-learn": (sklearn.__version__, fit_sklearn),
}


def read(entry):
    raw = np.fromfile(entry["file"], dtype=np.uint8)
    count = entry["rows"] * entry["cols"]
    values = raw[: count * 8].view("<f8").reshape(entry["rows"], entry["cols"])
    return values, raw[count * 8 :]


def splits(entry):
    index = np.arange(entry["rows"])
    if entry["folds"] > 1:
        return [(index % entry["folds"] != k, index % entry["folds"] == k) for k in range(entry["folds"])]
    return [(index < entry["trainRows"], index >= entry["trainRows"])]


def measure(fit, x, y, entry, options, runs):
    seconds, aurocs, probability, judged = [], [], np.zeros(len(y)), np.zeros(len(y), dtype=bool)
    for train, test in splits(entry):
        for run in range(runs):
            started = time.process_time()
            predict = fit(x[train], y[train], options)
            seconds.append(time.process_time() - started)
        probability[test] = predict(x[test])
        judged |= test
        aurocs.append(roc_auc_score(y[test], probability[test]))
    return {
        "auroc": float(np.mean(aurocs)),
        "logLoss": float(log_loss(y[judged], probability[judged])),
        "seconds": seconds,
    }


def main():
    with open(sys.argv[1]) as file:
        job = json.load(file)
    found = {name: {"version": version, "sets": {}} for name, (version, _) in RIVALS.items()}
    for entry in job["sets"]:
        x, y = read(entry)
        for name, (_, fit) in RIVALS.items():
            found[name]["sets"][entry["name"]] = measure(fit, x, y, entry, job["options"], job["runs"])
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
