// Models for the ONNX tests: drawn ones that use every layer and option, and the networks of the lessons.
import { Parameter } from "../../src/nn/parameter.js";
import { AvgPool2d } from "../../src/nn/pool/avgpool2d.js";
import { Conv2d } from "../../src/nn/conv/conv2d.js";
import { Dropout } from "../../src/nn/dropout/dropout.js";
import { Dropout2d } from "../../src/nn/dropout/dropout2d.js";
import { Flatten } from "../../src/nn/shape/flatten.js";
import type { Layer } from "../../src/nn/layer.js";
import { Linear } from "../../src/nn/linear/linear.js";
import { LogSoftmax } from "../../src/nn/activation/logsoftmax.js";
import { MaxPool2d } from "../../src/nn/pool/maxpool2d.js";
import { ReLU } from "../../src/nn/activation/relu.js";
import { Sequential } from "../../src/nn/container/sequential.js";
import { Sigmoid } from "../../src/nn/activation/sigmoid.js";
import { Softmax } from "../../src/nn/activation/softmax.js";
import { Tanh } from "../../src/nn/activation/tanh.js";
import type { Shape } from "../../src/base/shape.js";
import { INPUT_SHAPES, NETWORKS } from "./lessons.js";

export interface NamedModel {
  readonly model: Sequential;
  readonly inputShape: Shape;
}

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A model of two to nine layers with drawn options for a drawn input, valid for it. */
export function drawModel(random: () => number): NamedModel {
  const int = (from: number, to: number): number => from + Math.floor(random() * (to - from + 1));
  const pick = <T>(items: readonly T[]): T => items[int(0, items.length - 1)];
  const chance = (p: number): boolean => random() < p;
  const pair = (from: number, to: number): [number, number] => [int(from, to), int(from, to)];

  const conv = (channels: number): Layer => {
    const groups = pick([1, 1, 1, channels]);
    const padding = pick([
      0,
      int(0, 2),
      pair(0, 3),
      [int(0, 2), int(0, 3), int(0, 1), int(0, 3)] as const,
      "same",
      "valid",
    ] as const);
    return new Conv2d(channels, groups * int(1, 3), pair(1, 4), {
      ...{ stride: pair(1, 3), dilation: pair(1, 2), groups, padding, bias: chance(0.7) },
      paddingMode: pick(["zeros", "zeros", "reflect", "replicate", "circular"] as const),
    });
  };
  const pool = (max: boolean): Layer => {
    const kernel = pair(1, 4);
    const padding = [int(0, Math.floor(kernel[0] / 2)), int(0, Math.floor(kernel[1] / 2))] as const;
    const shared = { stride: pair(1, 4), padding, ceilMode: chance(0.6) };
    if (max) return new MaxPool2d(kernel, { ...shared, dilation: pair(1, 3) });
    const divisor = chance(0.3) ? { divisorOverride: int(1, 7) } : {};
    return new AvgPool2d(kernel, { ...shared, countIncludePad: chance(0.5), ...divisor });
  };
  const activation = (): Layer => {
    return pick([() => new ReLU(), () => new Sigmoid(), () => new Tanh(), () => new Dropout(0.3)])();
  };
  const softmax = (rank: number): Layer => {
    const dim = int(-rank + 1, rank - 1);
    const options = { dim: dim === 0 ? 1 : dim };
    return chance(0.5) ? new Softmax(options) : new LogSoftmax(options);
  };

  const inputShape = [int(1, 4), int(2, 13), int(2, 13)];
  let shape: readonly number[] = [1, ...inputShape];
  const layers: Layer[] = [];
  /** Takes the layer if it fits what came before. */
  const append = (layer: Layer): void => {
    try {
      shape = layer.outputShape(shape);
      layers.push(layer);
    } catch {
      // another draw may fit
    }
  };
  for (let left = int(1, 6); left > 0 && shape.length === 4; left--) {
    const kind = random();
    if (kind < 0.35) append(conv(shape[1]));
    else if (kind < 0.55) append(pool(true));
    else if (kind < 0.75) append(pool(false));
    else if (kind < 0.88) append(activation());
    else if (kind < 0.92) append(new Dropout2d(0.5));
    else if (kind < 0.96) append(softmax(4));
    else append(new Flatten({ startDim: int(0, 2), endDim: int(-2, -1) }));
  }
  if (shape.length > 2 && shape[0] === 1 && chance(0.7)) append(new Flatten());
  if (shape.length === 2) {
    append(new Linear(shape[1], int(1, 6), { bias: chance(0.7) }));
    if (chance(0.5)) append(activation());
    if (chance(0.4)) append(softmax(2));
  }
  if (layers.length === 0) layers.push(new Tanh());
  return { model: arrange(layers, int, chance), inputShape };
}

// Flat, with names, or with a container inside; now and then two layers share a weight.
function arrange(
  layers: Layer[],
  int: (from: number, to: number) => number,
  chance: (p: number) => boolean,
): Sequential {
  const convs = layers.filter((layer) => layer instanceof Conv2d);
  for (const [i, conv] of convs.entries()) {
    const twin = convs.slice(0, i).find(({ weight }) => String(weight.shape) === String(conv.weight.shape));
    if (twin !== undefined && chance(0.5)) conv.weight = twin.weight;
  }
  if (chance(0.4)) return new Sequential(...layers);
  const cut = int(0, layers.length);
  const inner = new Sequential(...layers.slice(0, cut));
  return new Sequential(
    ["features", inner],
    ...layers.slice(cut).map((layer, i): [string, Layer] => [`layer${i}`, layer]),
  );
}

/** The networks of the lessons. */
export const LESSON_NETWORKS: Readonly<Record<string, () => NamedModel>> = Object.fromEntries(
  (Object.keys(NETWORKS) as (keyof typeof NETWORKS)[]).map((name) => [
    name.replace("lesson", "lesson "),
    () => ({ model: NETWORKS[name](), inputShape: INPUT_SHAPES[name] }),
  ]),
);

/** A copy of a shared weight, for tests that take sharing apart. */
export function copyOf(parameter: Parameter): Parameter {
  return new Parameter(parameter.value);
}
