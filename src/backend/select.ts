// Which backend is active. The core holds one, wasm; another one comes in as an object through setBackend.
import { show } from "../base/check.js";
import { ArgumentError, BackendError } from "../base/errors.js";
import { checkFormats, type Tensor } from "../base/tensor.js";
import type { Backend, BackendInfo, KitKernels, Kernels } from "./kernels.js";
import { wasm } from "./wasm/backend.js";

let active: Backend = wasm;

/**
 * Makes `backend` the one that runs every kernel from now on: `wasm` (the default), `plain` from "handgrad/plain" or `reference`
 * from "handgrad/reference". Returns the backend that was active before.
 *
 * @throws ArgumentError when the argument is not a backend object.
 */
export function setBackend(backend: Backend): Backend {
  if (backend === null || typeof backend !== "object" || typeof backend.kernels?.conv2d !== "function") {
    throw new ArgumentError(
      `setBackend: expected a backend object, got ${show(backend)} (import { wasm } from "handgrad", or ` +
        `{ reference } from "handgrad/reference").`,
    );
  }
  const before = active;
  active = backend;
  return before;
}

/** @internal The active backend. */
export function activeBackend(): Backend {
  return active;
}

/** Which backend is active, with its number formats, threads and memory. */
export function backendInfo(): BackendInfo {
  return active.info();
}

/** The active backend's kernels, after a check that they compute in the one number format of these tensors. */
export function kernelsFor(who: string, ...tensors: readonly Pick<Tensor, "dtype">[]): Kernels {
  checkComputable(who, tensors);
  return active.kernels;
}

/** Some kernels of the kit. */
type Some<K> = Pick<KitKernels, keyof K & keyof KitKernels>;

/**
 * The same for kernels of the kit. `kit` are the default backend's: whoever needs them brings them, so that nobody else
 * carries them.
 */
export function kitFor<K extends Partial<KitKernels>>(
  kit: K,
  who: string,
  ...tensors: readonly Pick<Tensor, "dtype">[]
): Some<K> {
  checkComputable(who, tensors);
  return activeKit(kit);
}

/** The same without the check, which {@link kernelsFor} has made. */
export function activeKit<K extends Partial<KitKernels>>(kit: K): Some<K> {
  return active.kit ?? (kit as K & KitKernels);
}

function checkComputable(who: string, tensors: readonly Pick<Tensor, "dtype">[]): void {
  checkFormats(who, ...tensors);
  if (!active.float64 && tensors[0].dtype === "float64") {
    throw new BackendError(
      `${who}: the ${active.name} backend computes in float32, got a float64 tensor (convert it with toFloat32(), or ` +
        `setBackend(reference) from "handgrad/reference").`,
    );
  }
}
