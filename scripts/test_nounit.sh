#!/usr/bin/env bash
# Everything that must hold before a change lands: kernels, types, lint, unit tests, package, examples, documentation.
# The last line counts: N passed, N failed.
set -u
cd "$(dirname "$0")/.."
passed=0
failed=0

step() {
  local name=$1
  shift
  echo "== $name"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "** $name failed"
  fi
}

unit() {
  mkdir -p out
  npx vitest run --reporter=default --reporter=json --outputFile.json=out/vitest.json
  local status=$?
  if [ -f out/vitest.json ]; then
    passed=$((passed + $(node -p "require('./out/vitest.json').numPassedTests")))
    failed=$((failed + $(node -p "require('./out/vitest.json').numFailedTests")))
  fi
  return $status
}

step "kernels" node scripts/build-kernels.mjs --force
step "worker" node scripts/build-worker.mjs
step "page of reports" node scripts/build-page.mjs
step "build" npx tsup --silent
step "published types" node scripts/strip-types.mjs
step "types" node node_modules/typescript/bin/tsc -p tsconfig.json
step "lint" npx eslint .
step "format" npx prettier --check --log-level warn .
#
step "package" node test/package/check.mjs
step "size" node test/package/size.mjs
step "threads" node test/package/threads.mjs
step "training workers" node test/package/worker.mjs
step "threads and training workers in bundles" node test/matrix/bundlers.mjs
step "consumers" node test/matrix/consumers.mjs
step "reproducibility" node test/repro/run.mjs --runtimes node
if [ -x /usr/bin/chromium ]; then
  step "browser" node test/browser/check.mjs
  step "checkpoints in a browser" node test/browser/checkpoints.mjs
  step "model files in a browser" node test/browser/modelFiles.mjs
  step "pages" npx vite build site --logLevel error
  step "pages in a browser" node test/site/browser/check.mjs --short
  step "reports in a browser" node --import tsx test/report/browser/check.mjs --short
else
  echo "== browser: not run, there is no /usr/bin/chromium here"
fi
step "kill and resume" node test/kill/run.mjs --kills 4 --inside 0 --forced "half:9 rename:11 delete:13"
step "full disk" node test/kill/fullDisk.mjs
step "memory" node --expose-gc --import tsx test/soak/soak.ts --steps 600 --predictions 4000 --threads 1,2
step "examples" node test/package/examples.mjs
step "course" node scripts/course.mjs --solutions
step "snippets" node test/docs/check.mjs
step "docs" npx typedoc --logLevel Warn
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
