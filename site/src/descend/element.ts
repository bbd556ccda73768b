// <handgrad-descend>: SGD, momentum and Adam from the same start, on a surface and on a small network.
import { html, svg, type TemplateResult } from "lit";
import { lang, t } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { define, PageElement } from "../lib/element.js";
import { num } from "../lib/format.js";
import { lineChart } from "../lib/lineChart.js";
import { formula } from "../lib/math.js";
import { Player } from "../lib/player.js";
import { paintOn } from "../lib/plane.js";
import { EDGE, RULES, SCHEDULES, SURFACES, descend, learn, type Learned, type Path, type Rates, type RuleName, type ScheduleName, type SurfaceName } from "./run.js"; // prettier-ignore

const FIRST_RATES: Rates = { sgd: 0.05, momentum: 0.02, adam: 0.1 };
const HUES = { sgd: "x", momentum: "w", adam: "bad" } as const;
const STEPS = 100;
const NETWORK_STEPS = 200;
const PIXELS = 120;
const NAMES = Object.keys(SURFACES) as SurfaceName[];

export class DescendElement extends PageElement {
  #surface: SurfaceName = "bowl";
  #schedule: ScheduleName = "none";
  #rates: Rates = FIRST_RATES;
  #start: readonly [number, number] = SURFACES.bowl.start;
  #step = 1;
  #paths = new Map<RuleName, Path>();
  #learned = new Map<RuleName, Learned>();
  #heights = new Float32Array();
  readonly #player = new Player(this, () => ({
    step: this.#step,
    steps: STEPS,
    go: (step) => this.#set(() => (this.#step = step), false),
  }));

  override connectedCallback(): void {
    super.connectedCallback();
    this.restore();
  }

  protected override restore(): void {
    const q = new URLSearchParams(this.query);
    this.#surface = NAMES.find((name) => name === q.get("surface")) ?? "bowl";
    this.#schedule = SCHEDULES.find((name) => name === q.get("schedule")) ?? "none";
    const rate = (name: RuleName): number => {
      const value = Number(q.get(name) ?? NaN);
      return value > 0 && value <= 10 ? value : FIRST_RATES[name];
    };
    this.#rates = { sgd: rate("sgd"), momentum: rate("momentum"), adam: rate("adam") };
    const [x, y] = (q.get("start") ?? "").split(",").map(Number);
    this.#start = Math.abs(x) <= EDGE && Math.abs(y) <= EDGE ? [x, y] : SURFACES[this.#surface].start;
    const step = Number(q.get("t") ?? 1);
    this.#step = Number.isInteger(step) && step >= 1 && step <= STEPS ? step : 1;
    this.#compute();
  }

  #compute(): void {
    this.#paths = new Map(
      RULES.map((rule) => [rule, descend(this.#surface, rule, this.#rates[rule], this.#schedule, this.#start, STEPS)]),
    );
    this.#learned = new Map(RULES.map((rule) => [rule, learn(rule, this.#rates[rule], this.#schedule, NETWORK_STEPS)]));
    const { f } = SURFACES[this.#surface];
    // Roots bring out the floor of a valley.
    const heights = Float32Array.from({ length: PIXELS * PIXELS }, (_, n) =>
      f(...this.#ofPixel(n % PIXELS, Math.floor(n / PIXELS))),
    );
    const least = heights.reduce((low, value) => Math.min(low, value), Infinity);
    this.#heights = heights.map((value) => Math.sqrt(value - least));
    this.requestUpdate();
  }

  #ofPixel(column: number, row: number): [number, number] {
    return [((column + 0.5) / PIXELS) * 2 * EDGE - EDGE, EDGE - ((row + 0.5) / PIXELS) * 2 * EDGE];
  }

  #set(change: () => void, anew = true): void {
    change();
    const q = new URLSearchParams();
    if (this.#surface !== "bowl") q.set("surface", this.#surface);
    if (this.#schedule !== "none") q.set("schedule", this.#schedule);
    for (const rule of RULES) if (this.#rates[rule] !== FIRST_RATES[rule]) q.set(rule, String(this.#rates[rule]));
    if (this.#start.join() !== SURFACES[this.#surface].start.join()) q.set("start", this.#start.map((v) => Number(v.toFixed(3))).join());
    if (this.#step !== 1) q.set("t", String(this.#step));
    this.keep(q.toString().replace(/%2C/g, ","));
    if (anew) this.#compute();
    else this.requestUpdate();
  } // prettier-ignore

  override render(): TemplateResult {
    const at = (rule: RuleName): number => {
      const values = this.#paths.get(rule)?.values ?? [];
      return values[Math.min(this.#step, values.length - 1)];
    };
    const best = RULES.reduce((lowest, rule) => (at(rule) < at(lowest) ? rule : lowest));
    const list = RULES.map((rule) => `${t(`descend.${rule}`)} ${num(at(rule))}`).join(", ");
    return html`
      <div class="page" lang=${lang()}>
        <div class="intro"><h1>${t("page.descend.title")}</h1><p>${t("page.descend.lead")}</p></div>
        <div class="row" role="group" aria-label=${t("descend.surface")}>${NAMES.map((name) => html`<button type="button" class="chip" data-surface=${name} aria-pressed=${name === this.#surface} @click=${() => this.#set(() => {
          this.#surface = name;
          this.#start = SURFACES[name].start;
          this.#step = 1;
        })}>${t(`descend.surface.${name}`)}</button>`)}</div>
        <div class="row">
          ${RULES.map((rule) => html`<label class=${HUES[rule]}>${t(`descend.${rule}`)}, ${t("descend.lr")} <input type="number" class="rate" name=${rule} step="any" min="0" max="10" .value=${String(this.#rates[rule])} @change=${(event: Event) => this.#setRate(rule, event)} /></label>`)}
          <span class="segments" role="group" aria-label=${t("descend.schedule")}>${SCHEDULES.map((name) => html`<button type="button" data-schedule=${name} aria-pressed=${name === this.#schedule} @click=${() => this.#set(() => (this.#schedule = name))}>${t(`descend.schedule.${name}`)}</button>`)}</span>
        </div>
        ${spoken(t("descend.spoken.surface", { step: this.#step, list, best: t(`descend.${best}`) }), this.#player.playing, "surface")}
        <div class="columns">
          ${this.#drawSurface()}
          ${this.#drawHeights()}
        </div>
        ${this.#drawNetwork()}
        <section class="card" aria-labelledby="rules-title"><h2 id="rules-title">${t("descend.rules")}</h2><div class="columns">${RULES.map((rule) => html`<div><h3 class=${HUES[rule]}>${t(`descend.${rule}`)}</h3>${formula(`rule.${rule}`)}<p class="soft">${t(`descend.${rule}.text`)}</p></div>`)}</div></section>
        ${this.#player.render()}
      </div>
    `; // prettier-ignore
  }

  #setRate(rule: RuleName, event: Event): void {
    const input = event.target as HTMLInputElement;
    const value = input.valueAsNumber;
    if (value > 0 && value <= 10) this.#set(() => (this.#rates = { ...this.#rates, [rule]: value }));
    else input.value = String(this.#rates[rule]);
  }

  #drawSurface(): TemplateResult {
    const place = ([x, y]: readonly [number, number]): string =>
      `${(((x + EDGE) / (2 * EDGE)) * 400).toFixed(1)},${(((EDGE - y) / (2 * EDGE)) * 400).toFixed(1)}`;
    const shown = (rule: RuleName) => this.#paths.get(rule)?.points.slice(0, this.#step + 1) ?? [];
    return html`
      <section class="card" aria-labelledby="surface-title">
        <h2 id="surface-title">${t(`descend.surface.${this.#surface}`)}</h2>
        <div class="map" tabindex="0" role="application" aria-label=${t("descend.map")} @pointerdown=${this.#pick} @keydown=${this.#key}>
          <canvas class="pixels" ${paintOn({ data: this.#heights, width: PIXELS, height: PIXELS })}></canvas>
          <svg viewBox="0 0 400 400" aria-hidden="true">
            ${RULES.map((rule) => {
              const points = shown(rule);
              const [x, y] = place(points[points.length - 1]).split(",");
              return svg`<polyline class="path ${HUES[rule]}" points=${points.map(place).join(" ")} /><circle class=${HUES[rule]} cx=${x} cy=${y} r="6" />`;
            })}
          </svg>
        </div>
        <p class="soft">${t("descend.start", { x: num(this.#start[0], 2), y: num(this.#start[1], 2) })}</p>
      </section>
    `; // prettier-ignore
  }

  #drawHeights(): TemplateResult {
    const rows = [0, 1, 2, 5, 10, 20, 50, 100];
    const value = (rule: RuleName, n: number): string => {
      const values = this.#paths.get(rule)?.values ?? [];
      return n < values.length ? num(values[n], 4) : t("descend.gone");
    };
    return html`
      <section class="card" aria-labelledby="height-title">
        <h2 id="height-title">${t("descend.height")}</h2>
        ${lineChart({
          lines: RULES.map((rule) => ({ name: t(`descend.${rule}`), hue: HUES[rule], points: (this.#paths.get(rule)?.values ?? []).map((v, n) => [n, Math.max(v - this.#floor(), 1e-6)] as const) })),
          x: [0, STEPS], y: [1e-6, 100], log: true, xLabel: t("descend.step"), at: this.#step,
        })}
        <table class="table heights"><thead><tr><th scope="col">${t("descend.step")}</th>${RULES.map((rule) => html`<th scope="col">${t(`descend.${rule}`)}</th>`)}</tr></thead>
          <tbody>${rows.map((n) => html`<tr><th scope="row">${n}</th>${RULES.map((rule) => html`<td>${value(rule, n)}</td>`)}</tr>`)}</tbody></table>
      </section>
    `; // prettier-ignore
  }

  // The lowest height of the surface: the saddle's is below 0.
  #floor(): number {
    return this.#surface === "saddle" ? -0.41667 : 0;
  }

  #drawNetwork(): TemplateResult {
    const of = (rule: RuleName): Learned => this.#learned.get(rule) ?? { losses: [0], accuracy: 0 };
    const last = (rule: RuleName): string => (of(rule).losses.at(-1) ?? 0).toFixed(3);
    const list = RULES.map(
      (rule) => `${t(`descend.${rule}`)} ${last(rule)} (${Math.round(100 * of(rule).accuracy)} %)`,
    ).join(", ");
    return html`
      <section class="card" aria-labelledby="network-title">
        <h2 id="network-title">${t("descend.network")}</h2>
        <p class="soft">${t("descend.network.lead")}</p>
        ${spoken(t("descend.spoken.network", { first: of("sgd").losses[0].toFixed(3), steps: NETWORK_STEPS, list }), false, "network")}
        <div class="columns">
          ${lineChart({ lines: RULES.map((rule) => ({ name: t(`descend.${rule}`), hue: HUES[rule], points: of(rule).losses.map((v, n) => [n, v] as const) })), x: [0, NETWORK_STEPS], y: [0, 1], xLabel: t("descend.step") })}
          <table class="table"><thead><tr><th scope="col">${t("descend.step")}</th>${RULES.map((rule) => html`<th scope="col">${t(`descend.${rule}`)}</th>`)}</tr></thead>
            <tbody>${[0, 10, 25, 50, 100, 150, 200].map((n) => html`<tr><th scope="row">${n}</th>${RULES.map((rule) => html`<td>${of(rule).losses[n].toFixed(4)}</td>`)}</tr>`)}</tbody></table>
        </div>
      </section>
    `; // prettier-ignore
  }

  readonly #pick = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * 2 * EDGE - EDGE;
    const y = EDGE - ((event.clientY - box.top) / box.height) * 2 * EDGE;
    this.#moveStart(x, y);
  };

  readonly #key = (event: KeyboardEvent): void => {
    const by = event.shiftKey ? 0.5 : 0.1;
    const move = { ArrowUp: [0, by], ArrowDown: [0, -by], ArrowLeft: [-by, 0], ArrowRight: [by, 0] }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    this.#moveStart(this.#start[0] + move[0], this.#start[1] + move[1]);
  };

  #moveStart(x: number, y: number): void {
    const within = (value: number): number => Number(Math.max(-EDGE, Math.min(EDGE, value)).toFixed(3));
    this.#player.pause();
    this.#set(() => (this.#start = [within(x), within(y)]));
  }
}

define("handgrad-descend", DescendElement);
