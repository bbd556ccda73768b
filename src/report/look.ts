// Heat maps of mistaken images: those that were given, or Grad-CAM of handgrad/viz.
import { show } from "../base/check.js";
import { HandgradError, ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import { gradCam } from "../viz/gradCam.js";
import type { ReadRun } from "./run.js";

/** Maps [K, H, W] from 0 to 1, and why there are none where that is not as one would expect. */
export interface Look {
  readonly maps: Tensor | null;
  readonly why: string;
}

/** The maps for images [K, C, H, W] and the classes that were predicted. */
export async function lookAt(who: string, run: ReadRun, images: Tensor, classes: Int32Array): Promise<Look> {
  const { heatmaps, model } = run;
  if (typeof heatmaps === "function") {
    return { maps: checked(who, await heatmaps(images, classes), classes.length), why: "" };
  }
  if (heatmaps === false || model === null) return { maps: null, why: "" };
  try {
    // One output says class 1 where it is large, and class 0 where it is small.
    const one = run.gathered?.fromOne === true ? model.predict(images).like() : null;
    one?.data.forEach((_, n) => (one.data[n] = classes[n] === 1 ? 1 : -1));
    return { maps: fromZeroToOne(gradCam(model, images, { target: one ?? classes })), why: "" };
  } catch (error) {
    // A report of a model without feature maps is a report all the same.
    if (error instanceof HandgradError) return { maps: null, why: `Without heat maps: ${error.message}` };
    throw error;
  }
}

// Each map by its own largest number.
function fromZeroToOne(maps: Tensor): Tensor {
  const [count, , height, width] = maps.shape;
  const size = height * width;
  for (let n = 0; n < count; n++) {
    const part = maps.data.subarray(n * size, (n + 1) * size);
    const most = part.reduce((a, b) => Math.max(a, b), 0);
    if (most > 0) part.forEach((value, i) => (part[i] = value / most));
  }
  return maps.reshape([count, height, width]);
}

function checked(who: string, maps: unknown, count: number): Tensor {
  const given = Tensor.isTensor(maps) && maps.shape.length === 4 && maps.shape[1] === 1 ? maps.reshape([maps.shape[0], ...maps.shape.slice(2)]) : maps; // prettier-ignore
  if (Tensor.isTensor(given) && given.shape.length === 3 && given.shape[0] === count && given.size > 0) return given;
  const got = Tensor.isTensor(maps) ? formatShape(maps.shape) : show(maps);
  throw new ShapeError(`${who}: expected heatmaps to give [${count}, H, W], got ${got}.`);
}
