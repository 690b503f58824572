#!/usr/bin/env bash
# The Python environment of the rivals, in .cache/rivals of the repository: made once, kept. Needs Python 3.11 or newer and its venv module;
# packages come from the index that pip is configured for.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
folder="$here/../../.cache/rivals"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
"$folder/bin/python" -c 'import lightgbm, numpy, sklearn; print("lightgbm", lightgbm.__version__, "scikit-learn", sklearn.__version__, "numpy", numpy.__version__)'
