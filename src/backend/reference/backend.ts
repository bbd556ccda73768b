// The reference backend: the definition of every kernel, written to be read. It runs in float32 and float64, adds up in
// float64, and is slow. It has its own entry, handgrad/reference, because ndarray compiles code with `new Function`; what needs no
// views it shares with the plain backend.
import type { Backend } from "../kernels.js";
import * as activation from "./activation.js";
import * as arithmetic from "./arithmetic.js";
import * as conv2d from "./conv2d.js";
import * as crossEntropy from "./crossEntropy.js";
import * as elementwise from "./elementwise.js";
import * as kitActivation from "./kitActivation.js";
import * as kitOptimizer from "./kitOptimizer.js";
import * as matmul from "./matmul.js";
import * as norm from "./norm.js";
import * as optimizer from "./optimizer.js";
import * as pad2d from "./pad2d.js";
import * as planes from "./planes.js";
import * as pool2d from "./pool2d.js";
import * as prelu from "./prelu.js";
import * as reduce from "./reduce.js";
import * as resample2d from "./resample2d.js";
import * as softmax from "./softmax.js";

/**
 * The backend that defines what every layer computes; for checking, for reading, and for float64.
 *
 * @example
 * import { setBackend } from "handgrad";
 * import { reference } from "handgrad/reference";
 * setBackend(reference);
 */
export const reference: Backend = {
  name: "reference",
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
    name: "reference",
    dtypes: ["float32", "float64"],
    threads: 1,
    memoryBytes: 0,
    reason: "It is the definition of every kernel in plain JavaScript, chosen by setBackend.",
  }),
};
