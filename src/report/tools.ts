// The packages that draw a report and encode its pictures. All are optional, and are loaded when the first report is asked for; a
// bundler follows these imports.
import { ArgumentError } from "../base/errors.js";

/** What of them is used. */
export interface Tools {
  readonly scaleLinear: typeof import("d3-scale").scaleLinear;
  readonly scaleLog: typeof import("d3-scale").scaleLog;
  readonly line: typeof import("d3-shape").line;
  readonly area: typeof import("d3-shape").area;
  readonly encode: typeof import("fast-png").encode;
}

/** Loads them; throws an ArgumentError that names those which are not there. */
export async function loadTools(who: string): Promise<Tools> {
  const loading = [import("d3-scale"), import("d3-shape"), import("fast-png")] as const;
  const [scale, shape, png] = await Promise.allSettled(loading);
  if (scale.status === "fulfilled" && shape.status === "fulfilled" && png.status === "fulfilled") {
    const { scaleLinear, scaleLog } = scale.value;
    const { line, area } = shape.value;
    return { scaleLinear, scaleLog, line, area, encode: png.value.encode };
  }
  const names = ["d3-scale", "d3-shape", "fast-png"];
  const failed = [scale, shape, png].flatMap((result, i) =>
    result.status === "rejected" ? [{ name: names[i], result }] : [],
  );
  throw new ArgumentError(
    `${who}: expected the packages ${names.join(", ")}, got no ${failed.map(({ name }) => name).join(" and no ")} ` +
      `(npm install ${names.join(" ")}).`,
    { cause: failed[0].result.reason },
  );
}
