"""Fits scikit-learn's random forest on the rows of packages/ml/test/class-parity-data.ts and writes how good it is on the held-out ones.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scikit-learn==1.9.1
    /tmp/goldens/bin/python packages/ml/goldens/make-random-forest.py

Run from the repository root: the rows are made by our generator (npx node), everything else here is scikit-learn's. Probabilities are cut at
1e-6 before their logarithm, since a forest may give 0.

Only with even weights: given class weights, this version of scikit-learn draws its bags by them, while ours draws evenly and weighs rows in
splits and leaves.
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


def figures(x, y, train, options, criterion):
    found = {"accuracy": [], "logLoss": [], "outOfBagError": []}
    for seed in SEEDS:
        forest = RandomForestClassifier(
            n_estimators=options["treeCount"],
            min_samples_leaf=options["minDataInLeaf"],
            max_depth=options["maxDepth"],
            max_features="sqrt",
            criterion=criterion,
            oob_score=True,
            random_state=seed,
        ).fit(x[:train], y[:train])
        p = forest.predict_proba(x[train:])
        found["accuracy"].append(np.mean(p.argmax(1) == y[train:]))
        found["logLoss"].append(-np.mean(np.log(np.maximum(p[np.arange(len(p)), y[train:]], LEAST))))
        found["outOfBagError"].append(1 - forest.oob_score_)
    return {name: {"mean": round(float(np.mean(v)), 5), "sd": round(float(np.std(v, ddof=1)), 5)} for name, v in found.items()}


def main():
    if sklearn.__version__ != PIN:
        sys.exit(f"expected scikit-learn {PIN}, found {sklearn.__version__}")
    x, y, digest, said = rows()
    golden = {
        "about": "scikit-learn RandomForestClassifier on the rows of test/class-parity-data.ts: fitted on the first trainRows, judged on the rest; max_features sqrt; over the seeds",
        "madeBy": "make-random-forest.py",
        "versions": {"scikit-learn": PIN},
        "data": {**said["data"], "sha256": digest},
        "settings": {**said["options"], "seeds": len(SEEDS), "leastProbability": LEAST},
        "forests": {criterion: figures(x, y, said["data"]["trainRows"], said["options"], criterion) for criterion in ["gini", "entropy"]},
    }
    (HERE / "random-forest.golden.json").write_text(json.dumps(golden, indent=2) + "\n")


if __name__ == "__main__":
    main()
