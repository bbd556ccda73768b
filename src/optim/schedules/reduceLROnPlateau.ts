// ReduceLROnPlateau: the learning rate falls when a metric has stopped getting better.
import { finite, oneOf, show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { atLeast0, readOptions, type OptionTable, type Settings } from "../../base/options.js";
import type { Json } from "../../nn/config.js";
import { LRScheduler, perGroup, type ScheduledOptimizer, type SchedulerState } from "./scheduler.js";

/** Options of {@link ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions {
  /** Whether smaller ("min") or larger ("max") is better. Default "min". */
  readonly mode?: "min" | "max";
  /** The factor, at least 0 and below 1. Default 0.1. */
  readonly factor?: number;
  /** How many steps without anything better are borne; the next one reduces. Default 10. */
  readonly patience?: number;
  /** By how much it must be better to count. Default 1e-4. */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best value ("rel") or a difference ("abs"). Default "rel". */
  readonly thresholdMode?: "rel" | "abs";
  /** How many steps after a reduction are not counted. Default 0. */
  readonly cooldown?: number;
  /** The smallest learning rate; a list has one for each group. Default 0. */
  readonly minLr?: number | readonly number[];
  /** A reduction by less than this is left out. Default 1e-8. */
  readonly eps?: number;
}

const OPTIONS: OptionTable<ReduceLROnPlateauOptions> = {
  mode: { check: (who, name, value) => oneOf(who, name, value, ["min", "max"]), default: "min" },
  factor: { check: checkFactor, default: 0.1 },
  patience: { check: (who, name, value) => whole(who, name, value, 0), default: 10 },
  threshold: { check: finite, default: 1e-4 },
  thresholdMode: { check: (who, name, value) => oneOf(who, name, value, ["rel", "abs"]), default: "rel" },
  cooldown: { check: (who, name, value) => whole(who, name, value, 0), default: 0 },
  minLr: { check: (_who, _name, value) => value as number, default: 0 }, // checked when the groups are known
  eps: { check: atLeast0, default: 1e-8 },
};

/**
 * Multiplies the learning rate of each group by `factor` when the metric has not been better for more than `patience` steps.
 * Better than the best value b so far is, with the threshold d,
 *
 *     "min": below b * (1 - d), with "abs" below b - d      "max": above b * (1 + d), with "abs" above b + d
 *
 * NaN is never better.
 *
 * @example
 * const schedule = new ReduceLROnPlateau(optimizer, { patience: 3 });
 * for (let epoch = 0; epoch < 50; epoch++) { train(); schedule.step(validationLoss()); }
 *
 * @throws ArgumentError for an unusable option, or a metric that is no number
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export class ReduceLROnPlateau extends LRScheduler {
  readonly #settings: Settings<ReduceLROnPlateauOptions>;
  readonly #minLrs: readonly number[];
  #best: number | null = null;
  #bad = 0;
  #cooldown = 0;

  constructor(optimizer: ScheduledOptimizer, options: ReduceLROnPlateauOptions = {}) {
    super("ReduceLROnPlateau", optimizer);
    this.#settings = readOptions(this.who, OPTIONS, options);
    this.#minLrs = perGroup(this.who, "minLr", this.#settings.minLr, optimizer);
  }

  /** Takes the metric of a step, mostly of an epoch, and reduces the learning rates if it is time. */
  override step(metric: number): void {
    if (typeof metric !== "number") {
      throw new ArgumentError(`${this.who}.step: expected the metric, a number, got ${show(metric)}.`);
    }
    const { factor, patience, cooldown, eps } = this.#settings;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#bad = 0;
    } else this.#bad++;
    if (this.#cooldown > 0) {
      this.#cooldown--;
      this.#bad = 0;
    }
    if (this.#bad <= patience) return;
    this.#cooldown = cooldown;
    this.#bad = 0;
    this.groups.forEach((group, i) => {
      const reduced = Math.max(group.lr * factor, this.#minLrs[i]);
      if (group.lr - reduced > eps) group.lr = reduced;
    });
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#settings;
    const sign = mode === "min" ? -1 : 1;
    const best = this.#best ?? -sign * Infinity;
    const bound = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? metric < bound : metric > bound;
  }

  // JSON has no infinity: what was never reached is null.
  protected override readState(): { readonly [name: string]: Json } {
    return { best: this.#best, badSteps: this.#bad, cooldownLeft: this.#cooldown };
  }

  protected override prepareState(who: string, { best, badSteps, cooldownLeft }: SchedulerState): () => void {
    if (best !== null && typeof best !== "number") {
      throw new ArgumentError(`${who}: expected best to be a number or null, got ${show(best)}.`);
    }
    const bad = whole(who, "badSteps", badSteps, 0);
    const left = whole(who, "cooldownLeft", cooldownLeft, 0);
    return () => {
      [this.#best, this.#bad, this.#cooldown] = [best, bad, left];
    };
  }
}

function checkFactor(who: string, name: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value < 1) return value;
  throw new ArgumentError(`${who}: expected ${name} to be a number of at least 0 and below 1, got ${show(value)}.`);
}
