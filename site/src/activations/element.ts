// <handgrad-activations>: curves of activation functions with their derivatives, and gradients through a stack.
import { html, type TemplateResult } from "lit";
import { lang, t } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { define, PageElement } from "../lib/element.js";
import { formula } from "../lib/math.js";
import { num } from "../lib/format.js";
import { lineChart } from "../lib/lineChart.js";
import { FUNCTIONS, INITS, curve, gradients, type FunctionName, type InitName } from "./compute.js";

const NAMES = Object.keys(FUNCTIONS) as FunctionName[];
const INIT_NAMES = Object.keys(INITS) as InitName[];
const XS = Array.from({ length: 241 }, (_, n) => -6 + n / 20);
const TABLE = [-6, -4, -2, -1, 0, 1, 2, 4, 6];
/** What the chosen function is compared with. */
const BASIC = ["sigmoid", "tanh", "relu"] as const satisfies readonly FunctionName[];
const HUES: Readonly<Partial<Record<FunctionName, "x" | "w" | "y">>> = { sigmoid: "x", tanh: "w", relu: "y" };

export class ActivationsElement extends PageElement {
  #name: FunctionName = "sigmoid";
  #x = 2;
  #depth = 10;
  #init: InitName = "glorot";

  override connectedCallback(): void {
    super.connectedCallback();
    this.restore();
  }

  protected override restore(): void {
    const q = new URLSearchParams(this.query);
    const within = (name: string, least: number, most: number, first: number): number => {
      const value = Number(q.get(name) ?? NaN);
      return value >= least && value <= most ? value : first;
    };
    this.#name = NAMES.find((name) => name === q.get("f")) ?? "sigmoid";
    this.#init = INIT_NAMES.find((name) => name === q.get("init")) ?? "glorot";
    this.#x = within("x", -6, 6, 2);
    this.#depth = Math.round(within("depth", 1, 30, 10));
    this.requestUpdate();
  }

  #set(change: () => void): void {
    change();
    const q = new URLSearchParams();
    if (this.#name !== "sigmoid") q.set("f", this.#name);
    if (this.#x !== 2) q.set("x", String(this.#x));
    if (this.#depth !== 10) q.set("depth", String(this.#depth));
    if (this.#init !== "glorot") q.set("init", this.#init);
    this.keep(q.toString());
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const name = this.#name;
    const points = curve(name, XS);
    const [at] = curve(name, [this.#x]);
    const line = (pick: "y" | "dy") => points.map((point) => [point.x, point[pick]] as const);
    const others = BASIC.filter((other) => other !== name);
    const compared = [name, ...others];
    return html`
      <div class="page" lang=${lang()}>
        <div class="intro"><h1>${t("page.activations.title")}</h1><p>${t("page.activations.lead")}</p></div>
        <div class="row" role="group" aria-label=${t("activations.function")}>
          ${NAMES.map((one) => html`<button type="button" class="chip" data-function=${one} aria-pressed=${one === name} @click=${() => this.#set(() => (this.#name = one))}>${t(`activations.${one}`)}</button>`)}
          <label>x <input type="range" name="x" min="-6" max="6" step="0.1" .value=${String(this.#x)} @input=${(event: Event) => this.#set(() => (this.#x = (event.target as HTMLInputElement).valueAsNumber))} aria-valuetext=${num(this.#x)} /> ${num(this.#x)}</label>
        </div>
        <div class="columns">
          <section class="card" aria-labelledby="curve-title">
            <h2 id="curve-title">${t(`activations.${name}`)}</h2>
            ${formula(`activation.${name}`)}
            ${spoken(t("activations.spoken.curve", { name: t(`activations.${name}`), x: num(this.#x), y: num(at.y, 4), dy: num(at.dy, 4) }), false, "curve")}
            ${lineChart({
              lines: [
                { name: t("activations.value"), points: line("y"), hue: "x" },
                { name: t("activations.derivative"), points: line("dy"), hue: "w", dashed: true },
              ],
              x: [-6, 6], y: [-1.2, 2.2], xLabel: "x", at: this.#x,
            })}
            <p class="soft">${t(`activations.${name}.text`)}</p>
          </section>
          <section class="card" aria-labelledby="table-title">
            <h2 id="table-title">${t("activations.table")}</h2>
            <div class="scroll" tabindex="0" role="group" aria-label=${t("activations.table")}>
              <table class="table values"><thead><tr><th scope="col">x</th>${compared.map((one) => html`<th scope="col">${t(`activations.${one}`)}</th><th scope="col">${t("activations.derivative")}</th>`)}</tr></thead>
                <tbody>${TABLE.map((x) => html`<tr><th scope="row">${num(x)}</th>${compared.map((one) => {
                  const [point] = curve(one, [x]);
                  return html`<td>${num(point.y)}</td><td>${num(point.dy)}</td>`;
                })}</tr>`)}</tbody></table>
            </div>
          </section>
        </div>
        ${this.#drawStack(name, others)}
      </div>
    `; // prettier-ignore
  }

  #drawStack(name: FunctionName, others: readonly FunctionName[]): TemplateResult {
    const all = new Map([name, ...others].map((one) => [one, gradients(one, this.#depth, this.#init)]));
    const own = all.get(name) ?? [];
    const [first, last] = [own[0], own[own.length - 1]];
    const depth = this.#depth;
    const ratio = first / last;
    const key = ratio > 0.05 ? (ratio > 20 ? "grows" : "stays") : "vanishes";
    return html`
      <section class="card" aria-labelledby="stack-title">
        <h2 id="stack-title">${t("activations.stack")}</h2>
        <p class="soft">${t("activations.stack.lead")}</p>
        <div class="row">
          <label>${t("activations.depth")} <input type="range" name="depth" min="1" max="30" .value=${String(depth)} @input=${(event: Event) => this.#set(() => (this.#depth = (event.target as HTMLInputElement).valueAsNumber))} /> ${depth}</label>
          <span class="segments" role="group" aria-label=${t("activations.init")}>${INIT_NAMES.map((one) => html`<button type="button" data-init=${one} aria-pressed=${one === this.#init} @click=${() => this.#set(() => (this.#init = one))}>${t(`activations.init.${one}`)}</button>`)}</span>
        </div>
        ${spoken(t(`activations.spoken.${key}`, { name: t(`activations.${name}`), first: first.toExponential(1), last: num(last), depth, ratio: ratio.toExponential(1) }), false, "stack")}
        <div class="columns">
          ${lineChart({
            lines: [...all].map(([one, sizes]) => ({ name: t(`activations.${one}`), points: sizes.map((size, n) => [n + 1, size] as const), hue: HUES[one] ?? "bad", dashed: one !== name, dots: depth < 16 })),
            x: [1, Math.max(2, depth)], y: [1e-12, 100], xLabel: t("activations.layer"), log: true,
          })}
          <div class="scroll" tabindex="0" role="group" aria-label=${t("activations.stackTable")}>
            <table class="table stack"><caption>${t("activations.stackTable")}</caption><thead><tr><th scope="col">${t("activations.layer")}</th>${[...all.keys()].map((one) => html`<th scope="col">${t(`activations.${one}`)}</th>`)}</tr></thead>
              <tbody>${Array.from({ length: depth }, (_, n) => html`<tr><th scope="row">${n + 1}</th>${[...all.values()].map((sizes) => html`<td>${sizes[n].toExponential(1)}</td>`)}</tr>`)}</tbody></table>
          </div>
        </div>
      </section>
    `; // prettier-ignore
  }
}

define("handgrad-activations", ActivationsElement);
