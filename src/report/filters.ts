// The filters of a model's first convolution, as pictures of handgrad/viz.
import type { Tensor } from "../base/tensor.js";
import type { Layer } from "../nn/layer.js";
import { Parameter } from "../nn/parameter.js";
import { heatmapImage, tensorImage } from "../viz/picture.js";
import { markup, type Html } from "./html.js";
import { figure, type Pictures } from "./pictures.js";
import type { ReadRun } from "./run.js";
import { table, type Cell } from "./table.js";
import { grouped, short } from "./words.js";

const MOST = 64; // filters that are drawn

/** The card; null for a model without a convolution. */
export function filtersCard({ model }: ReadRun, prefix: string, pictures: Pictures): Html | null {
  const found = model === null ? null : firstFilters(model, "");
  if (found === null) return null;
  const { path, weight } = found;
  const [count, channels] = weight.shape;
  const all = Array.from({ length: count }, (_, o) => weight.slice(o));
  if (!all.every(({ data }) => data.every((value) => Number.isFinite(value)))) return null; // the charts tell of that
  const most = all.reduce((size, { data }) => data.reduce((a, b) => Math.max(a, Math.abs(b)), size), 0);
  const range = most === 0 ? ([-1, 1] as const) : ([-most, most] as const);
  const drawn = all.slice(0, MOST).map((filter, o) => {
    const picture =
      channels === 3 ? tensorImage(filter, { range }) : heatmapImage(meanOf(filter), { colors: "redBlue", range });
    const id = pictures.add(`${prefix}f${o}`, { ...picture, data: Uint8Array.from(picture.data), channels: 4 });
    return figure(id, `Filter ${o}`, String(o));
  });
  const rows = all.map((filter, o): Cell[] => [o, ...measures(filter)]);
  const looks =
    channels === 3
      ? "in red, green and blue; gray is 0"
      : `red is positive, blue negative${channels === 1 ? "" : `, the mean over ${channels} channels`}`;
  const part = count > MOST ? `The first ${MOST} of ${grouped(count)}` : `The ${grouped(count)}`;
  const kernel = weight.shape.slice(2).join(" x ");
  const sentence = `${part} filters (${kernel}) of layer ${path === "" ? "0" : path}: ${looks}. The largest weight is ${short(most)} in size.`;
  return markup`
    <div class="card">
      <h3>Filters</h3>
      <p class="sentence">${sentence}</p>
      <div class="pictures filters">${drawn}</div>
      <details>
        <summary>Table: Filters</summary>
        ${table("Filters", ["filter", "lowest weight", "highest weight", "mean"], rows)}
      </details>
    </div>
  `;
}

// The weights [out, in, H, W] that see the image.
function firstFilters(layer: Layer, path: string): { readonly path: string; readonly weight: Tensor } | null {
  const { weight } = layer as { readonly weight?: unknown };
  if (Parameter.isParameter(weight) && weight.shape.length === 4) return { path, weight: weight.value };
  for (const [name, child] of layer.namedChildren()) {
    const found = firstFilters(child, path === "" ? name : `${path}.${name}`);
    if (found !== null) return found;
  }
  return null;
}

// [C, H, W] as [H, W].
function meanOf(filter: Tensor): Tensor {
  const [channels, height, width] = filter.shape;
  const plane = height * width;
  const mean = filter.like([height, width]);
  filter.data.forEach((value, i) => (mean.data[i % plane] += value / channels));
  return mean;
}

function measures({ data }: Tensor): [number, number, number] {
  const [low, high, sum] = data.reduce(
    ([a, b, c], value) => [Math.min(a, value), Math.max(b, value), c + value],
    [Infinity, -Infinity, 0],
  );
  return [low, high, sum / data.length];
}
