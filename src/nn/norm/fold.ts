// Folding: a batch norm right behind a convolution or a Linear is, in a prediction, part of it.
import { Tensor, numbersNow } from "../../base/tensor.js";
import { Conv2d } from "../conv/conv2d.js";
import type { Layer } from "../layer.js";
import { Linear } from "../linear/linear.js";
import { Parameter } from "../parameter.js";
import { spec } from "../protocol.js";
import type { NamedLayer } from "../runOrder.js";
import { BatchNorm } from "./batchnorm.js";

/**
 * Layers one after the other, with each batch norm right behind a Conv2d or Linear folded into a new one in its place: with
 * scale = weight / sqrt(running variance + eps) of each output channel, w = w scale and b = (b - running mean) scale + bias.
 * What is folded has the weights of now; other layers are handed on.
 */
export function foldBatchNorms(layers: readonly NamedLayer[]): NamedLayer[] {
  const folded: NamedLayer[] = [];
  for (const [name, layer] of layers) {
    const before = folded.at(-1);
    const made = before === undefined ? null : fold(before[1], layer);
    if (before === undefined || made === null) folded.push([name, layer]);
    else folded[folded.length - 1] = [before[0], made];
  }
  return folded;
}

function fold(layer: Layer, norm: Layer): Layer | null {
  if (!(norm instanceof BatchNorm) || norm[spec] === null || layer[spec] === null) return null;
  if (!(layer instanceof Conv2d || layer instanceof Linear)) return null;
  const { runningMean, runningVar, weight, bias } = norm;
  const outputs = layer.weight.shape[0];
  if (runningMean === null || runningVar === null || runningMean.value.size !== outputs) return null;
  const scales = Float64Array.from(runningVar.value.data, (variance, c) => {
    return (weight?.value.at(c) ?? 1) / Math.sqrt(variance + norm.eps);
  });
  const size = layer.weight.size / outputs; // weights of one output
  const w = numbersNow(layer.weight.value).map((value, i) => value * scales[Math.floor(i / size)]);
  const b = Float32Array.from(scales, (scale, c) => {
    return ((layer.bias?.value.at(c) ?? 0) - runningMean.value.data[c]) * scale + (bias?.value.at(c) ?? 0);
  });
  const { args, options } = layer.config();
  const made = Reflect.construct(layer.constructor, [...args, options]) as Conv2d | Linear;
  made.weight = new Parameter(new Tensor(w, layer.weight.shape));
  made.bias = new Parameter(new Tensor(b, [outputs]));
  return made;
}
