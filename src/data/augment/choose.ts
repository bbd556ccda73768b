// Transforms that choose: a list with a probability, or one of several.
import { show } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { fraction, readOptions } from "../../base/options.js";
import { Tensor } from "../../base/tensor.js";
import { applyTransform, joinSamples, slotsOf, type Draws, type Transform } from "./transform.js";

/** Options of {@link randomApply}. */
export interface RandomApplyOptions {
  /** How likely an image goes through the transforms. Default 0.5. */
  readonly p?: number;
}

/**
 * Sends each image through these transforms, one after the other, with probability p, and leaves it as it is otherwise.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomApply.html
 *
 * @example
 * const transform = randomApply([randomRotation(15)], { p: 0.3 });
 */
export function randomApply(transforms: readonly Transform[], options: RandomApplyOptions = {}): Transform {
  const name = "randomApply";
  const list = checkTransforms(name, transforms);
  const p = readOptions(name, { p: { check: fraction, default: 0.5 } }, options).p as number;
  return {
    name,
    options: { transforms: list.map(({ name: each, options: own }) => ({ name: each, options: own })), p },
    slots: 1 + list.reduce((sum, each) => sum + slotsOf(each), 0),
    apply(images, draws) {
      const n = images.shape[0];
      const chosen = Array.from({ length: n }, (_, i) => i).filter((i) => draws.of(i).chance(p));
      let slot = 1;
      return through(
        name,
        images,
        [[chosen, list.map((each): [Transform, number] => [each, (slot += slotsOf(each)) - slotsOf(each)])]],
        draws,
      );
    },
  };
}

/**
 * Sends each image through one of these transforms, all equally likely.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomChoice.html
 */
export function randomChoice(transforms: readonly Transform[]): Transform {
  const name = "randomChoice";
  const list = checkTransforms(name, transforms);
  return {
    name,
    options: { transforms: list.map(({ name: each, options }) => ({ name: each, options })) },
    slots: 1 + list.reduce((sum, each) => sum + slotsOf(each), 0),
    apply(images, draws) {
      const n = images.shape[0];
      const choice = Array.from({ length: n }, (_, i) => draws.of(i).integer(list.length));
      let slot = 1;
      const groups = list.map((each, k): Group => {
        const own: [Transform, number] = [each, slot];
        slot += slotsOf(each);
        return [Array.from(choice.keys()).filter((i) => choice[i] === k), [own]];
      });
      return through(name, images, groups, draws);
    },
  };
}

type Group = readonly [images: readonly number[], steps: readonly (readonly [Transform, slot: number])[]];

// Each group of images through its transforms; the others stay.
function through(name: string, images: Tensor, groups: readonly Group[], draws: Draws): Tensor {
  const samples: Tensor[] = Array.from({ length: images.shape[0] }, () => images);
  const done = new Set<number>();
  for (const [chosen, steps] of groups) {
    if (chosen.length === 0) continue;
    let part = images.take(chosen);
    for (const [transform, slot] of steps) part = applyTransform(transform, part, draws.inside(slot, chosen));
    chosen.forEach((i, k) => {
      samples[i] = part.slice(k);
      done.add(i);
    });
  }
  samples.forEach((_, i) => {
    if (!done.has(i)) samples[i] = images.slice(i);
  });
  return joinSamples(name, samples);
}

function checkTransforms(who: string, transforms: unknown): readonly Transform[] {
  const list: readonly unknown[] = Array.isArray(transforms) ? (transforms as unknown[]) : [];
  const wrong = list.find((each) => typeof (each as Partial<Transform> | null)?.apply !== "function");
  if (list.length > 0 && wrong === undefined) return Object.freeze([...list]) as readonly Transform[];
  throw new ArgumentError(
    `${who}: expected a list of transforms of this package, got ${show(list.length === 0 ? transforms : wrong)}.`,
  );
}
