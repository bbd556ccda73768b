#!/usr/bin/env bash
# Exports drawn models, the lessons' networks and those of the examples, and holds them against ONNX's checker (Debian's
# python3-onnx) and ONNX Runtime's native form, which is installed into a temporary folder: it is too large to be a
# dependency, and its install script is not run (the library for the CPU is in the package).
set -eu
cd "$(dirname "$0")/.."
models=${1:-2000}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
version=$(node -p "require('./node_modules/onnxruntime-web/package.json').version")
echo '{ "private": true }' > "$folder/package.json"
npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --loglevel=error "onnxruntime-node@$version"
status=0
run() {
  node --import tsx test/onnx/native.ts --runtime "$folder" --files "$folder/files" "$@" || status=1
}
run --models "$models"
run --only AlexNet # in processes of their own: each fills most of the kernel memory
run --only VGG16
if /usr/bin/python3 -c "import onnx" 2>/dev/null; then
  /usr/bin/python3 test/onnx/check.py "$folder/files" || status=1
else
  echo "ONNX's checker: not run, there is no python3-onnx here"
fi
exit $status
