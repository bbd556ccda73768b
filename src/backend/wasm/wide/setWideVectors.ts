// setWideVectors: kernels that V8 compiled to vectors of 256 bits take the place of those of 128, on the same memory. Where that
// can be is in runtime.ts, how V8 is told in compile.ts, how both are compared in sampleBits.ts.
import { flag } from "../../../base/check.js";
import { load } from "../kit/load.js";
import { exchangeModules, instance } from "../runtime/instance.js";
import { alone, tellThreads } from "../runtime/jobs.js";
import { compileWide } from "./compile.js";
import { setNote } from "./note.js";
import { refusal } from "./runtime.js";
import { sampleBits } from "./sampleBits.js";

// The modules of 128 bits, while those of 256 are in force.
let narrow: readonly WebAssembly.Module[] | undefined;

/**
 * Lets the kernels of the default backend work on vectors of 256 bits instead of 128, in Node 24 to 26 on an x86-64 processor with
 * AVX2: V8 turns pairs of neighboring operations into one, so every result keeps its bits. `false` goes back. Resolves with
 * whether wide vectors are in force; `backendInfo().reason` says so, or why not. It never throws because of the runtime: elsewhere
 * it changes nothing.
 *
 * The kernels are compiled anew, some tenths of a second during which nothing else runs; models, their memory and threads go on
 * with them, so it may be called at any time, best at the start. V8 calls the feature experimental
 * (`--experimental-wasm-revectorize`). It is switched on while these kernels are compiled and for nothing else of the process; before
 * they are used, a sample of every family of kernels is computed both ways and compared bit for bit.
 *
 * @example
 * if (!(await setWideVectors())) console.log(backendInfo().reason);
 *
 * @throws ArgumentError when `on` is neither true nor false
 * @see https://github.com/v8/v8/blob/main/src/flags/flag-definitions.h
 */
export async function setWideVectors(on: boolean = true): Promise<boolean> {
  flag("setWideVectors", "on", on);
  if (!on && narrow !== undefined) {
    exchangeModules(narrow);
    tellThreads(narrow);
    narrow = undefined;
  }
  setNote(on ? `; ${widen()}` : "");
  return Promise.resolve(narrow !== undefined);
}

let inForce = "";

/** Exchanges the kernels if that can be; what there is to say of it. */
function widen(): string {
  if (narrow !== undefined) return inForce;
  const { refused, note } = refusal();
  if (refused !== undefined) return `vectors of 128 bits: ${refused}`;
  let before: readonly WebAssembly.Module[] = [];
  try {
    load(); // so that there is nothing that joins later, unchecked
    before = instance().modules;
    const differing = alone(exchangeAndCompare);
    if (differing === undefined) {
      narrow = before;
      tellThreads(instance().modules);
      return (inForce = `vectors of 256 bits${note}`);
    }
    exchangeModules(before);
    return (
      `vectors of 128 bits: of the wide kernels ${differing} gave other bits than the narrow ones, so they are not used (a fault ` +
      `of this V8; please report it with process.versions and the processor)`
    );
  } catch (cause) {
    if (before.length > 0) exchangeModules(before);
    return `vectors of 128 bits: wide kernels do not run here (${String(cause)})`;
  }
}

/** The first kernel that gives other bits in its wide form, if one does. */
function exchangeAndCompare(): string | undefined {
  const expected = sampleBits();
  return compileWide(instance().shared, (wide) => {
    exchangeModules(wide);
    // The first time each function is compiled while it runs, the second time it runs as compiled.
    for (const samples of [sampleBits(), sampleBits()]) {
      const differing = samples.find(({ bits }, i) => bits.some((word, k) => word !== expected[i].bits[k]));
      if (differing !== undefined) return differing.name;
    }
    return undefined;
  });
}
