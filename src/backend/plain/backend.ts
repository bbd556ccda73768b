// The plain backend: loops over typed arrays, for pages whose policy allows no WebAssembly and no code from strings, and for
// runtimes without either. It is the reference without ndarray: the same loops where those need no views, and convolution,
// matrix product and broadcasting on flat arrays. The same sums in the same order, so the same bits; slow, but not as slow.
import type { Backend } from "../kernels.js";
import * as activation from "../reference/activation.js";
import * as crossEntropy from "../reference/crossEntropy.js";
import * as elementwise from "../reference/elementwise.js";
import * as kitActivation from "../reference/kitActivation.js";
import * as kitOptimizer from "../reference/kitOptimizer.js";
import * as norm from "../reference/norm.js";
import * as optimizer from "../reference/optimizer.js";
import * as pad2d from "../reference/pad2d.js";
import * as planes from "../reference/planes.js";
import * as pool2d from "../reference/pool2d.js";
import * as prelu from "../reference/prelu.js";
import * as reduce from "../reference/reduce.js";
import * as resample2d from "../reference/resample2d.js";
import * as softmax from "../reference/softmax.js";
import * as arithmetic from "./arithmetic.js";
import * as conv2d from "./conv2d.js";
import * as matmul from "./matmul.js";

/**
 * A backend in plain JavaScript: no WebAssembly, no code from strings, no packages. It predicts and trains everything that the
 * default one does, under `script-src 'self'` alone, in float32 and float64, and gives the reference backend's bits. It is slow;
 * docs/performance.md says how slow.
 *
 * @example
 * import { setBackend } from "handgrad";
 * import { plain } from "handgrad/plain";
 * setBackend(plain);
 */
export const plain: Backend = {
  name: "plain",
  float64: true,
  kernels: {
    ...activation,
    ...arithmetic,
    ...conv2d,
    ...crossEntropy,
    ...elementwise,
    ...matmul,
    ...optimizer,
    ...pad2d,
    ...pool2d,
    ...reduce,
    ...softmax,
  },
  kit: { ...kitActivation, ...kitOptimizer, ...norm, ...planes, ...prelu, ...resample2d },
  info: () => ({
    name: "plain",
    dtypes: ["float32", "float64"],
    threads: 1,
    memoryBytes: 0,
    reason: "It needs no WebAssembly and no code from strings, chosen by setBackend.",
  }),
};
