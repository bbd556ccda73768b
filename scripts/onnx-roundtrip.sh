#!/usr/bin/env bash
# PyTorch exports the lessons' networks in their true sizes, we import them: the same outputs under the same names, also after we
# have exported them again. Wants Debian's python3-torch and python3-onnx.
set -eu
cd "$(dirname "$0")/.."
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
/usr/bin/python3 test/fixtures/make_onnx.py --full "$folder"
node --import tsx test/onnx/roundtrip.ts "$folder"
