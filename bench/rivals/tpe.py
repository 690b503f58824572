"""Optuna's TPE on three objectives: best values by seed and the processor time of its own work, as JSON on standard output.

    .cache/rivals/bin/python bench/rivals/tpe.py '{"trials": [50, 500], "seeds": 30}'

The objectives are those of `tpe.ts`. With a journal file as `"journal"`, it loads that study and runs `"more"` trials instead.
"""

import json
import math
import sys
import time

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

optuna.logging.set_verbosity(optuna.logging.ERROR)


def branin(trial):
    x, y = trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)
    return (y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6) ** 2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


A = [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
P = [
    [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
    [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
    [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
    [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
]
ALPHA = [1, 1.2, 3, 3.2]


def hartmann6(trial):
    v = [trial.suggest_float(f"x{i}", 0, 1) for i in range(6)]
    return -sum(a * math.exp(-sum(w * (x - p) ** 2 for w, x, p in zip(row, v, centre))) for a, row, centre in zip(ALPHA, A, P))


def mixed(trial):
    rate = trial.suggest_float("rate", 1e-5, 1, log=True)
    leaves = trial.suggest_int("leaves", 2, 256, log=True)
    rounds = trial.suggest_int("rounds", 10, 500, step=10)
    kind = trial.suggest_categorical("kind", ["a", "b", "c", "d"])
    share = trial.suggest_float("share", 0, 1, step=0.05)
    x = trial.suggest_float("x", -3, 3)
    return (
        (math.log10(rate) + 2) ** 2
        + 0.2 * (math.log2(leaves) - 5) ** 2
        + ((rounds - 200) / 200) ** 2
        + {"a": 0, "b": 0.3, "c": 0.6, "d": 1}[kind]
        + (share - 0.7) ** 2
        + 0.3 * x * x
    )


OBJECTIVES = {"Branin": branin, "Hartmann6": hartmann6, "mixed": mixed}
job = json.loads(sys.argv[1])
if "journal" in job:
    storage = JournalStorage(JournalFileBackend(job["journal"]))
    study = optuna.load_study(study_name=job["name"], storage=storage, sampler=optuna.samplers.TPESampler(seed=1))
    before, best = len(study.trials), study.best_value
    study.optimize(OBJECTIVES[job["objective"]], n_trials=job["more"])
    print(json.dumps({"version": optuna.__version__, "before": before, "best": best, "after": len(study.trials)}))
else:
    found = {}
    for name, objective in OBJECTIVES.items():
        for trials in job["trials"]:
            best, seconds = [], []
            for seed in range(job["seeds"]):
                start = time.process_time()
                study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
                study.optimize(objective, n_trials=trials)
                seconds.append(time.process_time() - start)
                best.append(study.best_value)
            found[f"{name} {trials}"] = {"best": best, "seconds": seconds}
    print(json.dumps({"version": optuna.__version__, "found": found}))
