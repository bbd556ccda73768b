// What a training run has told so far, as series for charts and words for sentences.
import { t } from "../i18n/i18n.js";
import type { Evaluation, Progress } from "./messages.js";

/** A long run is thinned: every second point goes when there are more than this. */
const MOST = 600;

export class History {
  /** Steps and mean losses between messages. */
  readonly loss: { step: number; value: number }[] = [];
  readonly evaluations: Omit<Evaluation, "confusion" | "filters" | "type">[] = [];

  progress({ step, loss }: Progress): void {
    this.loss.push({ step, value: loss });
    if (this.loss.length > MOST) thin(this.loss);
  }

  evaluation({ step, epoch, count, accuracy, loss }: Evaluation): void {
    this.evaluations.push({ step, epoch, count, accuracy, loss });
    if (this.evaluations.length > MOST) thin(this.evaluations);
  }

  lossSentence(): string {
    const [first] = this.loss;
    const last = this.loss.at(-1);
    if (first === undefined || last === undefined) return t("train.spoken.none");
    const best = this.loss.reduce((least, one) => (one.value < least.value ? one : least));
    return t("train.spoken.loss", { first: first.value.toFixed(2), last: last.value.toFixed(2), steps: last.step, best: best.value.toFixed(2), at: best.step }); // prettier-ignore
  }

  accuracySentence(): string {
    const last = this.evaluations.at(-1);
    if (last === undefined) return t("train.spoken.none");
    // In between only a part of the digits is tested: those figures are no match for the others.
    const alike = this.evaluations.filter(({ count }) => count === last.count);
    const best = alike.reduce((most, one) => (one.accuracy > most.accuracy ? one : most));
    const percent = (value: number): string => (100 * value).toFixed(1);
    return t("train.spoken.accuracy", { percent: percent(last.accuracy), count: last.count, best: percent(best.accuracy), at: best.step }); // prettier-ignore
  }
}

// Removes every second entry but the first and the last.
function thin(list: unknown[]): void {
  for (let n = list.length - 2; n > 0; n -= 2) list.splice(n, 1);
}
