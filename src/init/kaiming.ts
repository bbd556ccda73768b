// Kaiming (He) initialization for layers that a ReLU follows.
// He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.
import { finite, knownKeys, oneOf } from "../base/check.js";
import { fans, type Initializer } from "./initializer.js";
import { fillNormal } from "../numbers/normal.js";

/** Options of the Kaiming initializers. */
export interface KaimingOptions {
  /** Which fan scales: "fanIn" keeps the variance in the forward pass (default), "fanOut" in the backward pass. */
  readonly mode?: "fanIn" | "fanOut";
  /** sqrt(2) for ReLU (default), 1 for a linear layer, 5/3 for tanh, sqrt(2 / (1 + slope^2)) for a leaky ReLU. */
  readonly gain?: number;
}

/** Uniform within gain * sqrt(3 / fan). PyTorch: kaiming_uniform_ with nonlinearity "relu". */
export function kaimingUniform(options: KaimingOptions = {}): Initializer {
  const scale = readScale("kaimingUniform", options);
  return (tensor, generator) => {
    const bound = Math.sqrt(3) * scale(tensor.shape);
    generator.fillUniform(tensor.data, -bound, bound);
  };
}

/** Normal with mean 0 and standard deviation gain / sqrt(fan). PyTorch: kaiming_normal_ with nonlinearity "relu". */
export function kaimingNormal(options: KaimingOptions = {}): Initializer {
  const scale = readScale("kaimingNormal", options);
  return (tensor, generator) => fillNormal(generator, tensor.data, 0, scale(tensor.shape));
}

function readScale(who: string, options: KaimingOptions): (shape: readonly number[]) => number {
  knownKeys(who, options, ["mode", "gain"]);
  const { mode = "fanIn", gain = Math.sqrt(2) } = options;
  oneOf<"fanIn" | "fanOut">(who, "mode", mode, ["fanIn", "fanOut"]);
  finite(who, "gain", gain, 0);
  return (shape) => gain / Math.sqrt(fans(who, shape)[mode]);
}
