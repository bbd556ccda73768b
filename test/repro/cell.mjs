// One cell of the matrix: everything that is digested, with one number of threads. Runs in every runtime.
import { backendInfo, setBackend, wasm } from "../../dist/index.js";
import { operations } from "./operations.mjs";
import { train } from "./train.mjs";

/** What train and operations give with `asked` threads; `reason` tells why as many run as do. */
export async function cell(asked) {
  const { threads, ...training } = await train({ threads: asked });
  const { reason } = backendInfo();
  return { asked, threads, reason, train: training, operations: await operations({ threads: asked }) };
}

/** The operations on the reference backend, which is plain JavaScript; not for pages, whose server has no ndarray. */
export async function referenceOperations() {
  const { reference } = await import("../../dist/reference.js");
  setBackend(reference);
  try {
    return await operations();
  } finally {
    setBackend(wasm);
  }
}
