// Where in a model an error happened: containers put the names of their children in front of it.
import { HandgradError } from "../base/errors.js";

/** Runs a child layer's call; an error gets the child's place in front. */
export function inPlace<T>(place: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw placed(error, place);
  }
}

/** An error of this package with the place in the model where it happened; any other as it is. */
export function placed(error: unknown, place: string): unknown {
  return error instanceof HandgradError ? error.at(place) : error;
}
