// All kernels of a backend, the kit's among them.
import type { Backend, Kernels, KitKernels } from "../../src/backend/kernels.js";
import { wasm } from "../../src/backend/wasm/backend.js";
import { activation } from "../../src/backend/wasm/kit/activation.js";
import { norm } from "../../src/backend/wasm/kit/norm.js";
import { optimizer } from "../../src/backend/wasm/kit/optimizer.js";
import { prelu } from "../../src/backend/wasm/kit/prelu.js";
import { adaptivePool, shuffle, unpool } from "../../src/backend/wasm/kit/planes.js";
import { resample } from "../../src/backend/wasm/kit/resample2d.js";

export type AllKernels = Kernels & KitKernels;

/** The default backend's kernels of the kit, which its object does not hold. */
export const wasmKit: KitKernels = {
  ...activation,
  ...norm,
  ...optimizer,
  ...adaptivePool,
  ...shuffle,
  ...unpool,
  ...prelu,
  ...resample,
};

export function allKernels({ kernels, kit = wasmKit }: Backend): AllKernels {
  return { ...kernels, ...kit };
}

/** The default backend with some kernels replaced. */
export function wasmWith(some: Partial<AllKernels>): Backend {
  const all = { ...wasm.kernels, ...wasmKit, ...some };
  return { ...wasm, kernels: all, kit: all };
}
