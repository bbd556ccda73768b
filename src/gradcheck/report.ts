// What gradCheck found, as data and as text.

/** One number whose gradients disagree. */
export interface GradCheckFailure {
  /** "input" or the parameter's name. */
  readonly tensor: string;
  /** Flat place in the tensor. */
  readonly index: number;
  /** What backward computed. */
  readonly analytic: number;
  /** What the differences gave. */
  readonly numeric: number;
  /** How far they are apart. */
  readonly error: number;
}

interface Findings {
  readonly name: string;
  readonly failures: readonly GradCheckFailure[];
  readonly checked: number;
  readonly maxError: number;
  readonly redrawn: number;
  readonly float64: boolean;
}

/** Result of gradCheck. */
export class GradCheckReport {
  /** Whether every checked gradient agrees. */
  readonly ok: boolean;
  /** Where they disagree. */
  readonly failures: readonly GradCheckFailure[];
  /** How many numbers were checked. */
  readonly checked: number;
  /** Largest difference seen. */
  readonly maxError: number;
  /** How many input numbers were drawn anew because of a kink. */
  readonly redrawn: number;
  /** false: the checked code made float32 numbers of its own, so steps and tolerances had to be coarse. */
  readonly float64: boolean;
  readonly #name: string;

  constructor(findings: Findings) {
    this.ok = findings.failures.length === 0;
    this.failures = findings.failures;
    this.checked = findings.checked;
    this.maxError = findings.maxError;
    this.redrawn = findings.redrawn;
    this.float64 = findings.float64;
    this.#name = findings.name;
  }

  /** The findings in a few lines: counts, and the first disagreements. */
  toString(): string {
    const notes = [
      this.redrawn > 0
        ? `${this.redrawn} input number${this.redrawn === 1 ? "" : "s"} drawn anew because of a kink`
        : "",
      this.float64 ? "" : "the code fell back to float32, so the tolerance is coarse (allocate with x.like(shape))",
    ].filter((note) => note !== "");
    const suffix = notes.length > 0 ? ` (${notes.join("; ")})` : "";
    const error = `largest error ${this.maxError.toExponential(1)}`;
    if (this.ok) return `gradCheck ${this.#name}: ${this.checked} gradients agree, ${error}${suffix}`;
    const lines = this.failures
      .slice(0, 8)
      .map((f) => `  ${f.tensor}[${f.index}]: backward ${f.analytic}, differences ${f.numeric}`);
    const more = this.failures.length > 8 ? [`  ... and ${this.failures.length - 8} more`] : [];
    const head =
      `gradCheck ${this.#name}: ${this.failures.length} of ${this.checked} gradients disagree, ` + `${error}${suffix}`;
    return [head, ...lines, ...more].join("\n");
  }

  /** What console.log of Node shows. @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
