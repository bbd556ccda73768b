// CosineAnnealingLR: the learning rate follows half a cosine wave down, and up again if it goes on.
import { whole } from "../../base/check.js";
import { atLeast0, readOptions, type OptionTable } from "../../base/options.js";
import { wave } from "./cosine.js";
import { RuleScheduler, type ScheduledOptimizer } from "./scheduler.js";

/** Options of {@link CosineAnnealingLR}. */
export interface CosineAnnealingLROptions {
  /** The lowest learning rate. Default 0. */
  readonly etaMin?: number;
}

const OPTIONS: OptionTable<CosineAnnealingLROptions> = { etaMin: { check: atLeast0, default: 0 } };

/**
 * Takes the learning rate of each group down to `etaMin` in `tMax` steps along a cosine:
 *
 *     lr(t) = etaMin + (lr(t - 1) - etaMin) * (1 + cos(pi t / tMax)) / (1 + cos(pi (t - 1) / tMax))
 *
 * which is etaMin + (lr(0) - etaMin) * (1 + cos(pi t / tMax)) / 2. After `tMax` steps it comes up again, and so on.
 *
 * @example
 * const schedule = new CosineAnnealingLR(optimizer, epochs);
 *
 * @throws ArgumentError for an unusable argument
 * @see https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 * @see Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017
 */
export class CosineAnnealingLR extends RuleScheduler {
  constructor(optimizer: ScheduledOptimizer, tMax: number, options: CosineAnnealingLROptions = {}) {
    whole("CosineAnnealingLR", "tMax", tMax, 1);
    const { etaMin } = readOptions("CosineAnnealingLR", OPTIONS, options);
    super("CosineAnnealingLR", optimizer, ({ t, lr, base }) => {
      if (t === 0) return lr;
      // From the lowest point no factor leads up.
      if ((t - 1 - tMax) % (2 * tMax) === 0) return lr + ((base - etaMin) * (2 - wave(1 / tMax))) / 2;
      const factor = wave(t / tMax) / wave((t - 1) / tMax);
      return factor * (lr - etaMin) + etaMin;
    });
  }
}
