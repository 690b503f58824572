"""Fits scikit-learn's random forest on the rows of packages/ml/test/class-parity-data.ts and writes how good it is on the held-out ones.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scikit-learn==1.9.1
    /tmp/goldens/bin/python packages/ml/goldens/make-random-forest.py

Run from the repository root: the rows are made by our generator (npx node), everything else here is scikit-learn's. Probabilities are cut at
1e-6 before their logarithm, since a forest may give 0.

Given class weights, this version of scikit-learn's forest draws its bags by them. Ours draws evenly and weighs rows in splits and leaves
(Chen, Liaw & Breiman 2004), so the weighted figures are those of scikit-learn's trees, bagged here.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.class_weight import compute_sample_weight

PIN = "1.9.1"
HERE = Path(__file__).parent
SEEDS = range(10)
LEAST = 1e-6
WRITE_ROWS = """
import { writeFileSync } from 'node:fs';
import { CLASS_PARITY_DATA, CLASS_PARITY_OPTIONS, classParityData } from './packages/ml/test/class-parity-data.ts';
writeFileSync(process.argv[1], classParityData().bytes);
console.log(JSON.stringify({ data: CLASS_PARITY_DATA, options: CLASS_PARITY_OPTIONS }));
"""


def rows():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.bin"
        made = subprocess.run(["npx", "node", "--input-type=module", "-e", WRITE_ROWS, str(path)], check=True, capture_output=True, text=True)
        raw = path.read_bytes()
    said = json.loads(made.stdout)
    count = said["data"]["rows"] * said["data"]["cols"]
    x = np.frombuffer(raw, "<f8", count).reshape(said["data"]["rows"], said["data"]["cols"])
    y = np.frombuffer(raw, "u1", said["data"]["rows"], 8 * count).astype(int)
    return x, y, hashlib.sha256(raw).hexdigest(), said


def forest(x, y, test, options, criterion, seed):
    """Probabilities of the test rows, and the out-of-bag error, of scikit-learn's forest."""
    model = RandomForestClassifier(
        n_estimators=options["treeCount"],
        min_samples_leaf=options["minDataInLeaf"],
        max_depth=options["maxDepth"],
        max_features="sqrt",
        criterion=criterion,
        oob_score=True,
        random_state=seed,
    ).fit(x, y)
    return model.predict_proba(test), 1 - model.oob_score_


def weighted_trees(x, y, test, options, criterion, seed):
    """The same of scikit-learn's trees on bags drawn evenly, with balanced class weights."""
    random = np.random.RandomState(seed)
    weights = compute_sample_weight("balanced", y)
    sum_of_test = 0
    votes = np.zeros((len(y), y.max() + 1))
    for _ in range(options["treeCount"]):
        draws = np.bincount(random.randint(0, len(y), len(y)), minlength=len(y))
        tree = DecisionTreeClassifier(
            min_samples_leaf=options["minDataInLeaf"],
            max_depth=options["maxDepth"],
            max_features="sqrt",
            criterion=criterion,
            random_state=random.randint(2**31 - 1),
        ).fit(x, y, sample_weight=draws * weights)
        sum_of_test = sum_of_test + tree.predict_proba(test)
        votes[draws == 0] += tree.predict_proba(x[draws == 0])
    return sum_of_test / options["treeCount"], np.mean(votes.argmax(1) != y)


def figures(x, y, train, options, criterion, fit):
    found = {"accuracy": [], "logLoss": [], "outOfBagError": []}
    for seed in SEEDS:
        p, out_of_bag_error = fit(x[:train], y[:train], x[train:], options, criterion, seed)
        found["accuracy"].append(np.mean(p.argmax(1) == y[train:]))
        found["logLoss"].append(-np.mean(np.log(np.maximum(p[np.arange(len(p)), y[train:]], LEAST))))
        found["outOfBagError"].append(out_of_bag_error)
    return {name: {"mean": round(float(np.mean(v)), 5), "sd": round(float(np.std(v, ddof=1)), 5)} for name, v in found.items()}


def main():
    if sklearn.__version__ != PIN:
        sys.exit(f"expected scikit-learn {PIN}, found {sklearn.__version__}")
    x, y, digest, said = rows()
    measure = lambda criterion, fit: figures(x, y, said["data"]["trainRows"], said["options"], criterion, fit)
    golden = {
        "about": "scikit-learn's forests on the rows of test/class-parity-data.ts: fitted on the first trainRows, judged on the rest; max_features sqrt; over the seeds; balanced: its trees on bags drawn evenly",
        "madeBy": "make-random-forest.py",
        "versions": {"scikit-learn": PIN},
        "data": {**said["data"], "sha256": digest},
        "settings": {**said["options"], "seeds": len(SEEDS), "leastProbability": LEAST},
        "forests": {
            "gini": measure("gini", forest),
            "entropy": measure("entropy", forest),
            "gini balanced": measure("gini", weighted_trees),
        },
    }
    (HERE / "random-forest.golden.json").write_text(json.dumps(golden, indent=2) + "\n")


if __name__ == "__main__":
    main()
