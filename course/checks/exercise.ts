// What a check of an exercise is made of. Its `wrong` answers are mistakes that people make: a check must refuse each.
import { Tensor } from "handgrad";

/** One exercise: the answer is what the learner's file exports as `name`. */
export interface Exercise<Answer = never> {
  readonly id: string;
  readonly name: string;
  /** Throws an error that says what was expected of the answer and what came. */
  readonly check: (answer: Answer) => void;
  readonly wrong: Readonly<Record<string, Answer>>;
}

/** An exercise, with the type of its answer. */
export function exercise<Answer>(
  id: string,
  name: string,
  wrong: Readonly<Record<string, Answer>>,
  check: (answer: Answer) => void,
): Exercise {
  return { id, name, check, wrong } as unknown as Exercise;
}

/** An error if `got` (a number, text, list or tensor) is not `wanted`, or a number further away than `tolerance`. */
export function same(what: string, got: unknown, wanted: unknown, tolerance: number = 0): void {
  const plain = Tensor.isTensor(got) ? got.toArray() : got;
  const goal = Tensor.isTensor(wanted) ? wanted.toArray() : wanted;
  if (!agrees(plain, goal, tolerance)) throw new Error(`${what}: expected ${show(goal)}, got ${show(plain)}`);
}

function agrees(got: unknown, wanted: unknown, tolerance: number): boolean {
  if (Array.isArray(wanted)) {
    return Array.isArray(got) && got.length === wanted.length && wanted.every((w, i) => agrees(got[i], w, tolerance));
  }
  if (typeof wanted === "number") return typeof got === "number" && Math.abs(got - wanted) <= tolerance;
  return got === wanted;
}

function show(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "number" && !Number.isFinite(inner) ? String(inner) : inner,
  );
  return text === undefined ? String(value) : text.length > 300 ? `${text.slice(0, 300)} ...` : text;
}

/** An error with this text if `holds` is not true. */
export function must(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}
