// Errors on their way between two threads: class, text and fields arrive as they were.
import * as errors from "../base/errors.js";
import { HandgradError } from "../base/errors.js";

/** An error as plain data. */
export interface PackedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** What else is in it, as far as it is plain. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Of anything that was thrown. */
export function packError(cause: unknown): PackedError {
  if (!(cause instanceof Error)) return { name: "Error", message: String(cause), stack: "", fields: {} };
  const { name, message, stack = "" } = cause;
  const fields = Object.fromEntries(Object.entries(cause).filter(([key, value]) => key !== "name" && isPlain(value)));
  return { name, message, stack, fields };
}

/** An error of the same class, with the same text, fields and stack. */
export function unpackError({ name, message, stack, fields }: PackedError): Error {
  const error = make(name, message);
  Object.assign(error, fields);
  if (error.name !== name) Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  if (stack !== "") Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
  return error;
}

const NATIVE = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function make(name: string, message: string): Error {
  const own = (errors as Readonly<Record<string, unknown>>)[name] as (new (text: string) => unknown) | undefined;
  if (own !== undefined) {
    const error = new own(message);
    if (error instanceof HandgradError) return error;
  }
  return new (NATIVE[name as keyof typeof NATIVE] ?? Error)(message);
}

function isPlain(value: unknown): boolean {
  if (value === null || ["string", "number", "boolean"].includes(typeof value)) return true;
  return Array.isArray(value) && value.every(isPlain);
}
