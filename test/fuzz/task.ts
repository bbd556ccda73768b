// What the harness and its workers say to each other, and what is known of one fuzzed format afterwards.

/** Inputs of one target that a worker runs in one go. */
export interface Task {
  /** Address of the target's module. */
  readonly url: string;
  readonly seed: number;
  /** Number of the first input; input i is the same in whatever task it runs. */
  readonly from: number;
  readonly count: number;
  /** Whether every truncation of every small seed is run first. */
  readonly truncations: boolean;
  /** Most milliseconds for one input, in the fastest of five tries. */
  readonly slowMs: number;
}

/** What went wrong with one input. */
export interface Failure {
  readonly kind: "wrong error" | "allocation" | "slow" | "truncation accepted" | "seed refused" | "hang" | "crash";
  /** "input 123" or "seed 2 cut to 17 bytes". */
  readonly input: string;
  readonly message: string;
  /** The bytes in base64, if they are few. */
  readonly bytes: string;
}

/** Figures of one target. */
export interface Report {
  readonly name: string;
  readonly inputs: number;
  readonly truncations: number;
  readonly accepted: number;
  /** How many inputs were refused, by the class of the error. */
  readonly refused: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** Most bytes that one input had allocated in all. */
  readonly mostBytes: number;
  readonly failures: readonly Failure[];
}

/** An empty report. */
export function emptyReport(name: string): Report {
  return { name, inputs: 0, truncations: 0, accepted: 0, refused: {}, slowestMs: 0, mostBytes: 0, failures: [] };
}

/** Both reports as one. */
export function merge(a: Report, b: Report): Report {
  const refused = { ...a.refused };
  for (const [name, count] of Object.entries(b.refused)) refused[name] = (refused[name] ?? 0) + count;
  return {
    name: a.name,
    inputs: a.inputs + b.inputs,
    truncations: a.truncations + b.truncations,
    accepted: a.accepted + b.accepted,
    refused,
    slowestMs: Math.max(a.slowestMs, b.slowestMs),
    mostBytes: Math.max(a.mostBytes, b.mostBytes),
    failures: [...a.failures, ...b.failures],
  };
}
