// The parts of the training page that show numbers: curves, confusion, filters, feature maps, guesses.
import type { DrawingSteps } from "handgrad/models";
import { html, type TemplateResult } from "lit";
import { t } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { custom } from "../lib/custom.js";
import { num } from "../lib/format.js";
import { liveChart } from "../lib/liveChart.js";
import { paintOn } from "../lib/plane.js";
import type { History } from "./history.js";
import type { Evaluation, FromWorker, Look } from "./messages.js";

export function drawCurves(history: History, quiet: boolean): TemplateResult {
  const { loss, evaluations } = history;
  const steps = evaluations.map(({ step }) => step);
  const curve = (label: string, values: readonly (number | null)[], color: string) => ({ label, values, color });
  return html`
    <section class="card" aria-labelledby="loss-title">
      <h2 id="loss-title">${t("train.loss")}</h2>
      ${spoken(history.lossSentence(), quiet, "loss")}
      <div class="chart" aria-hidden="true" ${liveChart({
        x: loss.map(({ step }) => step),
        xLabel: t("train.step"),
        curves: [curve(t("train.lossCurve"), loss.map(({ value }) => value), "--x")],
      })}></div>
      <details>
        <summary>${t("train.losses")}</summary>
        <div class="scroll" tabindex="0" role="group" aria-label=${t("train.losses")}>
          <table class="table losses">
            <thead><tr><th scope="col">${t("train.step")}</th><th scope="col">${t("train.lossCurve")}</th></tr></thead>
            <tbody>${few(loss).map(({ step, value }) => html`<tr><th scope="row">${step}</th><td>${value.toFixed(3)}</td></tr>`)}</tbody>
          </table>
        </div>
      </details>
    </section>
    <section class="card" aria-labelledby="accuracy-title">
      <h2 id="accuracy-title">${t("train.accuracy")}</h2>
      ${spoken(history.accuracySentence(), quiet, "accuracy")}
      <div class="chart" aria-hidden="true" ${liveChart({
        x: steps,
        xLabel: t("train.step"),
        curves: [curve(t("train.accuracy"), evaluations.map(({ accuracy }) => accuracy), "--y")],
        range: [0, 1],
      })}></div>
      <details>
        <summary>${t("train.evaluations")}</summary>
        <div class="scroll" tabindex="0" role="group" aria-label=${t("train.evaluations")}>
          <table class="table evaluations">
            <thead><tr><th scope="col">${t("train.step")}</th><th scope="col">${t("train.testLoss")}</th><th scope="col">${t("train.accuracy")}</th></tr></thead>
            <tbody>${few(evaluations).map(
              ({ step, loss: value, accuracy }) => html`<tr><th scope="row">${step}</th><td>${value.toFixed(3)}</td><td>${(100 * accuracy).toFixed(1)} %</td></tr>`,
            )}</tbody>
          </table>
        </div>
      </details>
    </section>
  `; // prettier-ignore
}

// At most some two dozen rows of a long list, the last one among them.
function few<T>(list: readonly T[]): readonly T[] {
  const every = Math.ceil(list.length / 24);
  return list.filter((_, n) => n % every === 0 || n === list.length - 1);
}

type Confused = Extract<FromWorker, { type: "confused" }>;

export function drawConfusion(
  { confusion }: Evaluation,
  shown: Confused | undefined,
  quiet: boolean,
  open: (truth: number, taken: number) => void,
): TemplateResult {
  const digits = Array.from({ length: 10 }, (_, n) => n);
  const most = Math.max(1, ...confusion);
  let [worst, at] = [0, [0, 0]];
  confusion.forEach((count, n) => {
    const [truth, taken] = [Math.floor(n / 10), n % 10];
    if (truth !== taken && count > worst) [worst, at] = [count, [truth, taken]];
  });
  const sentence =
    worst === 0
      ? t("train.spoken.noConfusion")
      : t("train.spoken.confusion", { truth: at[0], taken: at[1], count: worst });
  return html`
    <section class="card" aria-labelledby="confusion-title">
      <h2 id="confusion-title">${t("train.confusion")}</h2>
      <p class="soft">${t("train.confusion.lead")}</p>
      ${spoken(sentence, quiet, "confusion")}
      <div class="scroll" tabindex="0" role="group" aria-label=${t("train.confusion")}>
        <table class="matrix">
          <thead><tr><td></td>${digits.map((taken) => html`<th scope="col">${taken}</th>`)}</tr></thead>
          <tbody>${digits.map((truth) => html`<tr><th scope="row">${truth}</th>${digits.map((taken) => {
            const count = confusion[truth * 10 + taken];
            const heat = count === 0 ? 0 : 0.25 + (0.75 * count) / (truth === taken ? most : Math.max(worst, 1));
            return html`<td class=${truth === taken ? "right" : "wrong"}>
              <button type="button" ${custom({ "--heat": heat.toFixed(2) })} aria-label=${t("train.taken", { truth, taken, count })} @click=${() => open(truth, taken)}>${count}</button></td>`;
          })}</tr>`)}</tbody>
        </table>
      </div>
      ${shown === undefined ? "" : html`
        <p role="status">${t("train.taken", { truth: shown.truth, taken: shown.taken, count: shown.count })}</p>
        <div class="tiles confused">${Array.from({ length: shown.count }, (_, n) => html`<canvas class="pixels" width="28" height="28" aria-hidden="true" ${paintOn({ data: shown.images.subarray(n * 784, (n + 1) * 784), width: 28, height: 28, most: 1 })}></canvas>`)}</div>`}
    </section>
  `; // prettier-ignore
}

export function drawFilters({ filters }: Evaluation): TemplateResult {
  const all = Array.from({ length: 16 }, (_, n) => filters.subarray(9 * n, 9 * n + 9));
  let [least, most] = [0, 0];
  filters.forEach((weight, n) => {
    if (weight < filters[least]) least = n;
    if (weight > filters[most]) most = n;
  });
  const sentence = t("train.spoken.filters", {
    most: num(filters[most], 2),
    a: Math.floor(most / 9) + 1,
    least: num(filters[least], 2),
    b: Math.floor(least / 9) + 1,
  });
  return html`
    <section class="card" aria-labelledby="filters-title">
      <h2 id="filters-title">${t("train.filters")}</h2>
      <p class="soft">${sentence}</p>
      <div class="tiles filters" aria-hidden="true">${all.map((weights) => html`<canvas class="pixels" width="3" height="3" ${paintOn({ data: Float32Array.from(weights), width: 3, height: 3, signed: true })}></canvas>`)}</div>
      <details>
        <summary>${t("train.filtersTable")}</summary>
        <div class="scroll" tabindex="0" role="group" aria-label=${t("train.filtersTable")}>
          <table class="table"><tbody>${all.map((weights, n) => html`<tr><th scope="row">${t("train.filter", { n: n + 1 })}</th>${Array.from(weights, (weight) => html`<td class="number">${num(weight, 2)}</td>`)}</tr>`)}</tbody></table>
        </div>
      </details>
    </section>
  `; // prettier-ignore
}

export function drawSteps(prepared: DrawingSteps | null, drawn: Float32Array, side: number): TemplateResult {
  const sentence = prepared === null ? t("train.spoken.empty") : t("train.spoken.steps", {
    w: prepared.box.width, h: prepared.box.height, sw: prepared.scaled.width, sh: prepared.scaled.height,
    x: prepared.center[0].toFixed(1), y: prepared.center[1].toFixed(1),
  }); // prettier-ignore
  const boxed = prepared === null ? drawn : withBox(drawn, side, prepared.box);
  const figure = (name: "box" | "cropped" | "penned" | "scaled" | "image", data: Float32Array, width: number, height: number): TemplateResult => html`
    <figure><canvas class="pixels" role="img" aria-label=${t(`train.step.${name}`)} data-step=${name} ${paintOn({ data, width, height, most: 1 })}></canvas>
      <figcaption>${t(`train.step.${name}`)}</figcaption></figure>`; // prettier-ignore
  return html`
    <section class="card" aria-labelledby="steps-title">
      <h2 id="steps-title">${t("train.steps")}</h2>
      ${spoken(sentence, false, "steps")}
      ${prepared === null ? "" : html`<div class="tiles steps">
        ${figure("box", boxed, side, side)}
        ${(["cropped", "penned", "scaled", "image"] as const).map((name) => figure(name, prepared[name].data, prepared[name].width, prepared[name].height))}
      </div>`}
    </section>
  `; // prettier-ignore
}

function withBox(drawn: Float32Array, side: number, { x, y, width, height }: DrawingSteps["box"]): Float32Array {
  const out = Float32Array.from(drawn);
  const dot = (u: number, v: number): void => {
    if (u >= 0 && v >= 0 && u < side && v < side) out[v * side + u] = 0.6;
  };
  for (let n = -2; n < width + 2; n++) for (const v of [y - 2, y + height + 1]) dot(x + n, v);
  for (let n = -2; n < height + 2; n++) for (const u of [x - 2, x + width + 1]) dot(u, y + n);
  return out;
}

export function drawGuess({ probabilities }: Look): TemplateResult {
  const order = Array.from(probabilities, (p, digit) => ({ p, digit })).sort((a, b) => b.p - a.p);
  const percent = (p: number): string => (100 * p).toFixed(1);
  const [best, second] = order;
  return html`
    <section class="card" aria-labelledby="guess-title">
      <h2 id="guess-title">${t("train.guess")}</h2>
      ${spoken(t("train.spoken.guess", { best: best.digit, percent: percent(best.p), second: second.digit, percent2: percent(second.p) }), false, "guess")}
      <table class="table bars">
        <thead><tr><th scope="col">${t("train.digit")}</th><th scope="col">${t("train.probability")}</th><td></td></tr></thead>
        <tbody>${Array.from(probabilities, (p, digit) => html`<tr class=${digit === best.digit ? "best" : ""}><th scope="row">${digit}</th><td class="number">${percent(p)} %</td><td class="bar"><span ${custom({ "--share": p.toFixed(3) })}></span></td></tr>`)}</tbody>
      </table>
    </section>
  `; // prettier-ignore
}

export function drawMaps({ first, second, saliency }: Look): TemplateResult {
  const maps = (data: Float32Array, count: number): Float32Array[] =>
    Array.from({ length: count }, (_, n) => data.subarray((n * data.length) / count, ((n + 1) * data.length) / count));
  const mean = (map: Float32Array): number => map.reduce((sum, value) => sum + value, 0) / map.length;
  const [one, two] = [maps(first, 16), maps(second, 32)];
  const means = [one.map(mean), two.map(mean)];
  const strongest = (values: readonly number[]): number => values.indexOf(Math.max(...values)) + 1;
  const dark = [...one, ...two].filter((map) => map.every((value) => value === 0)).length;
  let at = 0;
  saliency.forEach((value, n) => {
    if (Math.abs(value) > Math.abs(saliency[at])) at = n;
  });
  const tiles = (all: readonly Float32Array[], side: number, most: number): TemplateResult => html`
    <div class="tiles maps" aria-hidden="true">${all.map((data) => html`<canvas class="pixels" ${paintOn({ data, width: side, height: side, most })}></canvas>`)}</div>`; // prettier-ignore
  const largest = (data: Float32Array): number => data.reduce((most, value) => Math.max(most, value), 1e-6);
  return html`
    <section class="card" aria-labelledby="maps-title">
      <h2 id="maps-title">${t("train.maps")}</h2>
      ${spoken(t("train.spoken.maps", { a: strongest(means[0]), b: strongest(means[1]), dark }), true, "maps")}
      <h3>${t("train.maps.first")}</h3>${tiles(one, 26, largest(first))}
      <h3>${t("train.maps.second")}</h3>${tiles(two, 12, largest(second))}
      <details>
        <summary>${t("train.mapsTable")}</summary>
        <table class="table"><thead><tr><td></td><th scope="col">${t("train.mean")} 1</th><th scope="col">${t("train.mean")} 2</th></tr></thead>
          <tbody>${two.map((_, n) => html`<tr><th scope="row">${t("train.map", { n: n + 1 })}</th><td>${n < 16 ? num(means[0][n]) : ""}</td><td>${num(means[1][n])}</td></tr>`)}</tbody></table>
      </details>
    </section>
    <section class="card" aria-labelledby="saliency-title">
      <h2 id="saliency-title">${t("train.saliency")}</h2>
      <p class="soft">${t("train.saliency.lead")}</p>
      ${spoken(t("train.spoken.saliency", { row: Math.floor(at / 28), column: at % 28 }), true, "saliency")}
      <div class="tiles one" aria-hidden="true"><canvas class="pixels" ${paintOn({ data: saliency, width: 28, height: 28, signed: true })}></canvas></div>
    </section>
  `; // prettier-ignore
}
