// Errors are compared by class and by their whole text.
import { expect } from "vitest";

/** Fails unless `act` throws exactly this class (not a class below it) with exactly this message. */
export function throwsExactly(act: () => unknown, type: new (...args: never[]) => Error, message: string): void {
  let thrown: unknown;
  let result: unknown;
  try {
    result = act();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, `nothing was thrown, but ${String(result)} returned`).toBeInstanceOf(Error);
  const error = thrown as Error;
  expect(error.message).toBe(message);
  expect(error.constructor).toBe(type);
}
