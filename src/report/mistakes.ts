// The worst mistakes of a run as pictures, with what the model saw in them if heat maps are given.
import { show } from "../base/check.js";
import { ShapeError } from "../base/errors.js";
import { formatShape } from "../base/shape.js";
import { Tensor } from "../base/tensor.js";
import { stack } from "../ops/layout.js";
import { markup, type Html } from "./html.js";
import { figure, type Picture, type Pictures } from "./pictures.js";
import type { Pictured } from "./predictions.js";
import type { ReadRun } from "./run.js";
import { percent, short } from "./words.js";

/** The section's content; null where there is no mistake with a picture. `first` is how many are shown. */
export async function mistakesSection(
  who: string,
  run: ReadRun,
  prefix: string,
  names: readonly string[],
  pictures: Pictures,
  first: number,
): Promise<Html | null> {
  const { gathered, heatmaps } = run;
  if (gathered === null) return null;
  const mistakes = gathered.shown
    .filter(({ label, predicted, image }) => label !== predicted && image !== null)
    .sort((a, b) => b.loss - a.loss || a.index - b.index)
    .slice(0, first);
  if (mistakes.length === 0) return null;
  const maps = heatmaps === undefined ? null : await mapsOf(who, heatmaps, mistakes);
  const figures = mistakes.map(({ index, label, predicted, confidence, loss }, i) => {
    const words = `${names[label]} taken for ${names[predicted]}`;
    const caption = markup`<b>${names[label]}</b> taken for <b>${names[predicted]}</b><br />${percent(confidence)} sure,
      loss ${short(loss)}`;
    const over = maps === null ? undefined : pictures.add(`${prefix}h${index}`, maps[i]);
    return figure(`${prefix}p${index}`, `Sample ${index}: ${words}`, caption, over);
  });
  const wrong = gathered.labels.filter((label, i) => label !== gathered.predicted[i]).length;
  const heat = maps === null ? "" : " Warm places are those that spoke for the class that was predicted.";
  return markup`
    <div class="card wide">
      <h3>Worst mistakes</h3>
      <p class="sentence">The ${figures.length} with the largest loss, of ${wrong} mistakes.${heat}</p>
      <div class="pictures">${figures}</div>
    </div>
  `;
}

async function mapsOf(
  who: string,
  heatmaps: NonNullable<ReadRun["heatmaps"]>,
  mistakes: readonly Pictured[],
): Promise<Picture[]> {
  const images = stack(mistakes.flatMap(({ image }) => (image === null ? [] : [image])));
  const maps: unknown = await heatmaps(
    images,
    Int32Array.from(mistakes, ({ predicted }) => predicted),
  );
  const shape = Tensor.isTensor(maps)
    ? maps.shape.length === 4 && maps.shape[1] === 1
      ? [maps.shape[0], ...maps.shape.slice(2)]
      : maps.shape
    : [];
  if (!Tensor.isTensor(maps) || shape.length !== 3 || shape[0] !== mistakes.length || maps.size === 0) {
    const got = Tensor.isTensor(maps) ? formatShape(maps.shape) : show(maps);
    throw new ShapeError(`${who}: expected heatmaps to give [${mistakes.length}, H, W], got ${got}.`);
  }
  const [, height, width] = shape;
  return mistakes.map((_, i) => overlay(maps, i * height * width, height, width));
}

const STOPS = [
  [0, 0, 0, 0],
  [255, 196, 0, 90],
  [255, 106, 0, 150],
  [214, 20, 20, 190],
];

// A map from 0 to 1 as colors that grow denser: nothing, yellow, orange, red.
function overlay({ data }: Tensor, from: number, height: number, width: number): Picture {
  const bytes = new Uint8Array(4 * height * width);
  for (let i = 0; i < height * width; i++) {
    const share = data[from + i] > 0 ? Math.min(data[from + i], 1) * (STOPS.length - 1) : 0;
    const stop = Math.min(Math.floor(share), STOPS.length - 2);
    for (let c = 0; c < 4; c++) {
      const [a, b] = [STOPS[stop][c], STOPS[stop + 1][c]];
      // What is see-through has the color of what follows, or it would be darker at its edge.
      bytes[4 * i + c] = Math.round(stop === 0 && c < 3 ? STOPS[1][c] : a + (b - a) * (share - stop));
    }
  }
  return { data: bytes, width, height, channels: 4 };
}
