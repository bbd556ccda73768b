// Layers and parameters where no walk finds them: in a list or an object that is a field of a layer. They would not be
// trained, stored or switched to eval mode, and nobody would say so. The same for those of another copy of the package.
import { show } from "../base/check.js";
import { LAYER, STATE_BUFFER, fromOtherCopy } from "../base/copies.js";
import { ArgumentError } from "../base/errors.js";

const LOOKED_AT = 16; // elements of a list; an array of numbers is not read to its end

/** Throws when a field is a list or plain object with something `wanted` in it. */
export function refuseHidden(
  who: () => string,
  fields: readonly (readonly [name: string, value: unknown])[],
  wanted: (value: unknown) => boolean,
): void {
  for (const [name, value] of fields) {
    const found = inside(value).find((each) => wanted(each) || (Array.isArray(each) && each.some(wanted)));
    if (found === undefined) continue;
    throw new ArgumentError(
      `${who()}: expected layers and parameters as fields of their own, got some inside ${name}, where they are not found ` +
        `(for layers: ${name} = new Sequential(...layers), which can be looped over; it names them ${name}.0, ${name}.1 ` +
        `as PyTorch's ModuleList).`,
    );
  }
}

/** Throws when a field is a layer or buffer that is not `known` as one of this copy of the package. */
export function refuseForeign(
  who: () => string,
  fields: readonly (readonly [name: string, value: unknown])[],
  known: (value: unknown) => boolean,
): void {
  for (const [name, value] of fields) {
    const hint = fromOtherCopy(value, LAYER) || fromOtherCopy(value, STATE_BUFFER);
    if (hint === "" || known(value)) continue;
    throw new ArgumentError(`${who()}: expected ${name} to be a layer or buffer, got ${show(value)}${hint}.`);
  }
}

function inside(value: unknown): readonly unknown[] {
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value)) return [];
  if (Array.isArray(value)) return value.slice(0, LOOKED_AT);
  if (value instanceof Map || value instanceof Set) return [...value.values()].slice(0, LOOKED_AT);
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? Object.values(value).slice(0, LOOKED_AT) : [];
}
