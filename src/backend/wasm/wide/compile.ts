// Has V8 compile the kernels to vectors of 256 bits. Its flags belong to the whole process, so they are set for as long as that
// takes, within one synchronous call.
import * as kit from "../kit/kernels.generated.js";
import * as kernels from "../kernels.generated.js";
import { moduleBytes } from "../runtime/instance.js";

// Only V8's optimizing compiler knows wide vectors. It compiles a function when that has worked for a while, beside the program;
// with the latter two flags when it is first called, and before the call returns. (To switch the other compiler off looks simpler
// and ends the process when another thread compiles meanwhile.)
const FLAGS = [
  ["--experimental-wasm-revectorize", "--no-experimental-wasm-revectorize"],
  ["--wasm-sync-tier-up", "--no-wasm-sync-tier-up"],
  ["--wasm-tiering-budget=1", "--wasm-tiering-budget=13000000"], // the default of all Node versions of runtime.ts
];

/**
 * Both modules of the kernels, for a memory that is shared or not, and `use` of them: what that calls is compiled to wide
 * vectors, once and for all, what it does not call never.
 */
export function compileWide<T>(shared: boolean, use: (modules: WebAssembly.Module[]) => T): T {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  const bytes = [kernels, kit].map((texts) => marked(moduleBytes(texts, shared)));
  for (const [on] of FLAGS) setFlagsFromString(on);
  try {
    return use(bytes.map((each) => new WebAssembly.Module(each)));
  } finally {
    for (const [on, off] of FLAGS) setFlagsFromString(fromTheStart(on) ?? off);
  }
}

/** What the process was started with for a flag, if anything. */
function fromTheStart(flag: string): string | undefined {
  const name = (word: string): string => word.replace("--no-", "--").split("=")[0].replaceAll("_", "-");
  const given = [...(process.env.NODE_OPTIONS ?? "").split(/\s+/), ...process.execArgv];
  return given.filter((word) => name(word) === name(flag)).at(-1); // the last one counts
}

// V8 gives the code that it has for bytes that it knows, so these have to be others: a custom section of the name "wide".
function marked(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...bytes, 0, 5, 4, ...Array.from("wide", (letter) => letter.charCodeAt(0))]);
}
