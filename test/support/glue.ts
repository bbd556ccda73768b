// The families of kernels of the fast backend, each an object of its functions.
import { activation } from "../../src/backend/wasm/activation.js";
import { conv2d } from "../../src/backend/wasm/conv2d.js";
import { crossEntropy } from "../../src/backend/wasm/crossEntropy.js";
import { elementwise } from "../../src/backend/wasm/elementwise.js";
import { activation as kitActivation } from "../../src/backend/wasm/kit/activation.js";
import { norm } from "../../src/backend/wasm/kit/norm.js";
import { optimizer as kitOptimizer } from "../../src/backend/wasm/kit/optimizer.js";
import { adaptivePool, shuffle, unpool } from "../../src/backend/wasm/kit/planes.js";
import { prelu } from "../../src/backend/wasm/kit/prelu.js";
import { resample } from "../../src/backend/wasm/kit/resample2d.js";
import { matmul } from "../../src/backend/wasm/matmul.js";
import { optimizer } from "../../src/backend/wasm/optimizer.js";
import { pad2d } from "../../src/backend/wasm/pad2d.js";
import { pool2d } from "../../src/backend/wasm/pool2d.js";
import { reduce } from "../../src/backend/wasm/reduce.js";
import { softmax } from "../../src/backend/wasm/softmax.js";

type Family = Record<string, (...args: unknown[]) => void>;

export const families = [
  ...[activation, conv2d, crossEntropy, elementwise, matmul, optimizer, pad2d, pool2d, reduce, softmax],
  ...[kitActivation, norm, kitOptimizer, adaptivePool, shuffle, unpool, prelu, resample],
] as unknown as readonly Family[];
