#!/usr/bin/env bash
# ImageNet's networks of handgrad/models at 224 x 224 against torchvision: outputs and gradients with the same weights, our exports in
# ONNX Runtime's native form and under ONNX's checker, PyTorch's exports imported. Wants Debian's python3-torchvision and python3-onnx;
# ONNX Runtime is installed into a temporary folder, its install script is not run. Names of networks as arguments run these alone; with
# ZOO_FOLDER set PyTorch's side is made there once and kept.
set -eu
cd "$(dirname "$0")/.."
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=${ZOO_FOLDER:-$work/zoo}
[ -f "$folder/done" ] || { /usr/bin/python3 test/fixtures/make_models.py --full "$folder" "$@" && touch "$folder/done"; }
version=$(node -p "require('./node_modules/onnxruntime-web/package.json').version")
mkdir -p "$work/runtime"
echo '{ "private": true }' > "$work/runtime/package.json"
npm install --prefix "$work/runtime" --ignore-scripts --no-audit --no-fund --loglevel=error "onnxruntime-node@$version"
status=0
names=${*:-$(node -p "require('$folder/parity.json').cases.map(({ network }) => network).join(' ')")}
for name in $names; do
  node --import tsx test/models/zooFull.ts --folder "$folder" --runtime "$work/runtime" --only "$name" || status=1
  /usr/bin/python3 -c "import onnx, sys; onnx.checker.check_model(sys.argv[1])" "$folder/$name.handgrad.onnx" || status=1
  rm -f "$folder/$name.handgrad.onnx"
done
[ "$status" -eq 0 ] && echo "all agree" || echo "some differ"
exit $status
