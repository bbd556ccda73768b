// The worst mistakes of a run as pictures, with what the model saw in them if heat maps are given.
import type { Tensor } from "../base/tensor.js";
import { stack } from "../ops/layout.js";
import { markup, type Html } from "./html.js";
import { lookAt } from "./look.js";
import { figure, type Picture, type Pictures } from "./pictures.js";
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
  const { gathered } = run;
  if (gathered === null) return null;
  const mistakes = gathered.shown
    .filter(({ label, predicted, image }) => label !== predicted && image !== null)
    .sort((a, b) => b.loss - a.loss || a.index - b.index)
    .slice(0, first);
  if (mistakes.length === 0) return null;
  const images = stack(mistakes.flatMap(({ image }) => (image === null ? [] : [image])));
  const { maps, why } = await lookAt(
    who,
    run,
    images,
    Int32Array.from(mistakes, ({ predicted }) => predicted),
  );
  const figures = mistakes.map(({ index, label, predicted, confidence, loss }, i) => {
    const words = `${names[label]} taken for ${names[predicted]}`;
    const caption = markup`<b>${names[label]}</b> taken for <b>${names[predicted]}</b><br />${percent(confidence)} sure,
      loss ${short(loss)}`;
    const over = maps === null ? undefined : pictures.add(`${prefix}h${index}`, overlay(maps, i));
    return figure(`${prefix}p${index}`, `Sample ${index}: ${words}`, caption, over);
  });
  const wrong = gathered.labels.filter((label, i) => label !== gathered.predicted[i]).length;
  const isOwn = typeof run.heatmaps === "function";
  const told = `Warm places ${isOwn ? "are those of the heat maps that were given" : "spoke for the class that was predicted (Grad-CAM)"}.`;
  const heat = maps !== null ? ` ${told}` : why === "" ? "" : ` ${why}`;
  return markup`
    <div class="card wide">
      <h3>Worst mistakes</h3>
      <p class="sentence">The ${figures.length} with the largest loss, of ${wrong} mistakes.${heat}</p>
      <div class="pictures">${figures}</div>
    </div>
  `;
}

const STOPS = [
  [0, 0, 0, 0],
  [255, 196, 0, 90],
  [255, 106, 0, 150],
  [214, 20, 20, 190],
];

// A map from 0 to 1 as colors that grow denser: nothing, yellow, orange, red.
function overlay({ data, shape: [, height, width] }: Tensor, i: number): Picture {
  const from = i * height * width;
  const bytes = new Uint8Array(4 * height * width);
  for (let place = 0; place < height * width; place++) {
    const value = data[from + place];
    const share = value > 0 ? Math.min(value, 1) * (STOPS.length - 1) : 0;
    const stop = Math.min(Math.floor(share), STOPS.length - 2);
    for (let c = 0; c < 4; c++) {
      const [a, b] = [STOPS[stop][c], STOPS[stop + 1][c]];
      // What is see-through has the color of what follows, or it would be darker at its edge.
      bytes[4 * place + c] = Math.round(stop === 0 && c < 3 ? STOPS[1][c] : a + (b - a) * (share - stop));
    }
  }
  return { data: bytes, width, height, channels: 4 };
}
