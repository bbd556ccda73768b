// What an exercise throws until somebody has solved it.

/** The answer of an exercise that nobody has given yet. */
export class UnsolvedError extends Error {
  override name = "UnsolvedError";
}

/** Stands where the answer belongs; `given` only uses the names of the arguments. */
export function unsolved(...given: readonly unknown[]): never {
  throw new UnsolvedError(`not solved yet (it was given ${given.length} arguments)`);
}
