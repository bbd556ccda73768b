// Glorot (Xavier) initialization: keeps the variance of activations and gradients alike.
// Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
import { finite } from "../base/check.js";
import { fans, type Initializer } from "./initializer.js";
import { fillNormal } from "../numbers/normal.js";

/** Uniform within gain * sqrt(6 / (fanIn + fanOut)). PyTorch: xavier_uniform_. */
export function glorotUniform(gain: number = 1): Initializer {
  finite("glorotUniform", "gain", gain, 0);
  return (tensor, generator) => {
    const { fanIn, fanOut } = fans("glorotUniform", tensor.shape);
    const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
    generator.fillUniform(tensor.data, -bound, bound);
  };
}

/** Normal with mean 0 and standard deviation gain * sqrt(2 / (fanIn + fanOut)). PyTorch: xavier_normal_. */
export function glorotNormal(gain: number = 1): Initializer {
  finite("glorotNormal", "gain", gain, 0);
  return (tensor, generator) => {
    const { fanIn, fanOut } = fans("glorotNormal", tensor.shape);
    fillNormal(generator, tensor.data, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
  };
}
