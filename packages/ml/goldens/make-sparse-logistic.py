"""Hashes tokens and fits logistic regressions with scikit-learn, and writes what it finds.

    python3 -m venv /tmp/goldens && /tmp/goldens/bin/pip install scikit-learn==1.9.1
    /tmp/goldens/bin/python packages/ml/goldens/make-sparse-logistic.py

Run from the repository root. Tokens and labels are in the file: nothing of ours is read here. scikit-learn's C is 1 / (l2 · sum of row
weights). lbfgs leaves the intercept free as we do; liblinear would shrink it, so it is compared without one.
"""

import json
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression
from sklearn.utils import murmurhash3_32

PINS = {"scikit-learn": "1.9.1"}
BITS = 8  # few columns, so that tokens collide
ROWS = 120
WORDS = ["ignore", "previous", "instructions", "send", "the", "file", "to", "mallory", "résumé", "日本語", "a", "ab", "abc", "abcd", "🙂", "budget", "of", "march", "please", "summary"]
HASHED = ["", "a", "ab", "abc", "abcd", "test", "Hello, world!", "The quick brown fox jumps over the lazy dog", "résumé", "日本語", "🙂"]


def texts():
    rng = np.random.default_rng(7)
    rows, labels = [], []
    for _ in range(ROWS):
        tokens = [WORDS[i] for i in rng.integers(0, len(WORDS), rng.integers(0, 12))]
        tokens += [f"{x} {y}" for x, y in zip(tokens, tokens[1:])]
        margin = 1.5 * tokens.count("ignore") + 2 * tokens.count("mallory") - tokens.count("budget") - 1.2
        rows.append(tokens)
        labels.append(int(rng.random() < 1 / (1 + np.exp(-margin))))
    return rows, labels


def fit(x, y, l2, solver, intercept, balanced):
    # Balanced weights of the classes add up to the rows.
    model = LogisticRegression(C=1 / (l2 * len(y)), solver=solver, fit_intercept=intercept, class_weight="balanced" if balanced else None, tol=1e-12, max_iter=100000)
    model.fit(x, y)
    return {"solver": solver, "l2": l2, "intercept": intercept, "balanced": balanced, "free": float(np.ravel(model.intercept_)[0]), "scores": [float(s) for s in model.decision_function(x)]}


def main():
    warnings.simplefilter("ignore")
    found = {name: version(name) for name in PINS}
    if found != PINS:
        sys.exit(f"expected {PINS}, found {found}")
    rows, labels = texts()
    y = np.array(labels)
    signed = FeatureHasher(2**BITS, input_type="string").transform(rows)
    plain = FeatureHasher(2**BITS, input_type="string", alternate_sign=False).transform(rows)
    signed.sum_duplicates()
    fits = [
        fit(signed, y, 0.01, "lbfgs", True, False),
        fit(signed, y, 0.001, "lbfgs", True, True),
        fit(signed, y, 0.01, "liblinear", False, False),
    ]
    result = {
        "about": "MurmurHash3 of texts, FeatureHasher rows, and decision functions of LogisticRegression on the rows it was fitted to",
        "madeBy": "make-sparse-logistic.py",
        "versions": PINS,
        "hashes": [[text, seed, int(murmurhash3_32(text, seed, positive=True))] for seed in (0, 1, 2538058380, 4294967295) for text in HASHED],
        "bits": BITS,
        "tokens": rows,
        "labels": labels,
        "signed": [[[int(i), float(signed[r, i])] for i in sorted(signed[r].nonzero()[1])] for r in range(20)],
        "plain": [[[int(i), float(plain[r, i])] for i in sorted(plain[r].nonzero()[1])] for r in range(20)],
        "fits": fits,
    }
    Path(__file__).with_name("sparse-logistic.golden.json").write_text(json.dumps(result, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
