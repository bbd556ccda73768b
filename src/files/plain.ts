// Values of the user as JSON text and back, all numbers exactly: NaN, the infinities and -0 too, which JSON does not know.
import { show } from "../base/check.js";
import { ArgumentError } from "../base/errors.js";
import type { Json } from "../nn/config.js";

const MOST_LEVELS = 24; // of nesting; parseJson bears twice as many and more, see MARK

// { "$": "NaN" } stands for NaN, and an object that has a "$" of its own is wrapped: { "$": { ... } }.
const MARK = "$";
const NUMBERS = new Map(
  [NaN, Infinity, -Infinity, -0].map((value) => [Object.is(value, -0) ? "-0" : `${value}`, value]),
);

/**
 * Checks that `value` is plain data (what JSON holds, and any number) and makes it JSON. As in JSON.stringify, properties that
 * are undefined are left out.
 */
export function toJson(who: string, name: string, value: unknown, level: number = 0): Json {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (typeof value === "number") {
    const text = Object.is(value, -0) ? "-0" : `${value}`;
    return NUMBERS.has(text) ? { [MARK]: text } : value;
  }
  if (level > MOST_LEVELS) {
    throw new ArgumentError(`${who}: expected ${name.slice(0, 40)}... of at most ${MOST_LEVELS} levels, got more.`);
  }
  if (Array.isArray(value)) return Array.from(value, (item, i) => toJson(who, `${name}[${i}]`, item, level + 1));
  if (!isPlainObject(value)) {
    const remedy = ArrayBuffer.isView(value) ? " (use Array.from)" : "";
    throw new ArgumentError(`${who}: expected ${name} to be plain data for JSON, got ${show(value)}${remedy}.`);
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const json = Object.fromEntries(entries.map(([key, item]) => [key, toJson(who, `${name}.${key}`, item, level + 1)]));
  return Object.hasOwn(value, MARK) ? { [MARK]: json } : json;
}

/** The value that {@link toJson} made JSON of, from what parseJson read. */
export function fromJson(json: unknown): unknown {
  if (json === null || typeof json !== "object") return json;
  if (Array.isArray(json)) return json.map(fromJson);
  const mark: unknown = Object.hasOwn(json, MARK) ? (json as Record<string, unknown>)[MARK] : undefined;
  if (typeof mark === "string" && NUMBERS.has(mark)) return NUMBERS.get(mark);
  const object = mark !== null && typeof mark === "object" ? mark : json;
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, fromJson(item)]));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null; // of any realm
}
