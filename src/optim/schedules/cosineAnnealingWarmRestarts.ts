// CosineAnnealingWarmRestarts: a cosine down to the lowest learning rate, then a jump back up, in cycles that may grow.
import { show, whole } from "../../base/check.js";
import { ArgumentError } from "../../base/errors.js";
import { atLeast0, readOptions, type OptionTable } from "../../base/options.js";
import { wave } from "./cosine.js";
import { RuleScheduler, type ScheduledOptimizer } from "./scheduler.js";

/** Options of {@link CosineAnnealingWarmRestarts}. */
export interface CosineAnnealingWarmRestartsOptions {
  /** Each cycle is this many times as long as the one before. Default 1. */
  readonly tMult?: number;
  /** The lowest learning rate. Default 0. */
  readonly etaMin?: number;
}

const OPTIONS: OptionTable<CosineAnnealingWarmRestartsOptions> = {
  tMult: { check: (who, name, value) => whole(who, name, value, 1), default: 1 },
  etaMin: { check: atLeast0, default: 0 },
};

/**
 * Takes the learning rate of each group from where it started down to `etaMin` along a cosine, in cycles of t0, t0 * tMult,
 * t0 * tMult^2, ... steps. At the place c of a cycle of n steps
 *
 *     lr = etaMin + (lr(0) - etaMin) * (1 + cos(pi c / n)) / 2
 *
 * A step may also be a part of an epoch: `step(epoch + batch / batches)`.
 *
 * @example
 * const schedule = new CosineAnnealingWarmRestarts(optimizer, 10, { tMult: 2 }); // restarts after 10, 30, 70 epochs
 *
 * @throws ArgumentError for an unusable argument
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 * @see Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017
 */
export class CosineAnnealingWarmRestarts extends RuleScheduler {
  constructor(optimizer: ScheduledOptimizer, t0: number, options: CosineAnnealingWarmRestartsOptions = {}) {
    const who = "CosineAnnealingWarmRestarts";
    whole(who, "t0", t0, 1);
    const { tMult, etaMin } = readOptions(who, OPTIONS, options);
    super(who, optimizer, ({ t, base }) => {
      let place = t;
      let cycle = t0;
      if (tMult === 1) place = t % t0;
      else for (; place >= cycle; cycle *= tMult) place -= cycle;
      return etaMin + ((base - etaMin) * wave(place / cycle)) / 2;
    });
  }

  /**
   * The learning rates of the next step, the next whole epoch; or those of an epoch, which may be a fraction.
   *
   * @throws ArgumentError for an epoch below 0
   */
  override step(epoch?: number): void {
    if (epoch === undefined) return super.step();
    if (typeof epoch !== "number" || !Number.isFinite(epoch) || epoch < 0) {
      throw new ArgumentError(`${this.who}: expected an epoch of at least 0, got ${show(epoch)}.`);
    }
    this.moveTo(epoch);
  }
}
