// Points on spirals: the classic that no straight line separates.
import { finite, knownKeys, whole } from "../../base/check.js";
import { Tensor } from "../../base/tensor.js";
import { cos, sin } from "../../numbers/trig.js";
import { SampleRandom } from "../augment/sampleRandom.js";
import { TensorDataset } from "../sets/tensorDataset.js";
import { seedOf, type SyntheticOptions } from "./make.js";

/** Options of {@link makeSpirals}. */
export interface SpiralOptions extends SyntheticOptions {
  /** Arms, one for each class. Default 2. */
  readonly classes?: number;
  /** How often an arm turns around the middle. Default 1. */
  readonly turns?: number;
  /** Standard deviation of noise in both directions; arms reach to 1. Default 0.03. */
  readonly noise?: number;
}

/**
 * Points [N, 2] on spirals around the origin, an arm for each class.
 *
 * @example
 * const spirals = makeSpirals({ samples: 300, classes: 3, seed: 1 });
 * spirals.sampleShape; // [2]
 */
export function makeSpirals(options: SpiralOptions): TensorDataset {
  const who = "makeSpirals";
  knownKeys(who, options, ["samples", "seed", "classes", "turns", "noise"]);
  const samples = whole(who, "samples", options.samples, 1, 10_000_000);
  const classes = whole(who, "classes", options.classes ?? 2, 1, 256);
  const turns = finite(who, "turns", options.turns ?? 1, 0, 100);
  const noise = finite(who, "noise", options.noise ?? 0.03, 0, 10);
  const seed = seedOf(who, options.seed);
  const random = new SampleRandom();
  const x = new Float32Array(2 * samples);
  const labels = Uint8Array.from({ length: samples }, (_, i) => i % classes);
  for (let i = 0; i < samples; i++) {
    random.seek({ seed, stream: 0, epoch: 0 }, 0, i);
    const radius = Math.sqrt(random.uniform()); // as many points on each piece of an arm
    const angle = 2 * 3.141592653589793 * (turns * radius + labels[i] / classes);
    x[2 * i] = radius * cos(angle) + noise * random.normal();
    x[2 * i + 1] = radius * sin(angle) + noise * random.normal();
  }
  return new TensorDataset(Tensor.adopt(x, [samples, 2]), labels);
}
