// <handgrad-norm>: batch normalization, forth and back, one line of the calculation a step.
import { BatchNorm1d, Tensor } from "handgrad";
import { html, type TemplateResult } from "lit";
import { lang, t } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { custom } from "../lib/custom.js";
import { define, PageElement } from "../lib/element.js";
import { distance, num } from "../lib/format.js";
import { formula } from "../lib/math.js";
import { Player } from "../lib/player.js";
import { STEPS, difference, normalize, type Matrix, type NormGiven, type NormTrace, type StepName } from "./compute.js";

const FIRST: NormGiven = {
  x: [[1, 4], [2, 2], [3, 8], [6, 2]],
  gamma: [1, 2],
  beta: [0, 1],
  dy: [[1, 0], [0, 1], [0, -1], [-1, 2]],
  eps: 1e-5,
}; // prettier-ignore
type Given = "x" | "gamma" | "beta" | "dy";

export class NormElement extends PageElement {
  #given = FIRST;
  #step = 1;
  #wrong = "";
  readonly #player = new Player(this, () => ({
    step: this.#step,
    steps: STEPS.length,
    go: (step) => this.#set(() => (this.#step = step)),
    label: t(`norm.${STEPS[this.#step - 1]}`),
  }));

  override connectedCallback(): void {
    super.connectedCallback();
    this.restore();
  }

  protected override restore(): void {
    const q = new URLSearchParams(this.query);
    const rows = (name: string): number[][] | undefined => q.get(name)?.split(";").map((row) => row.split(",").map(Number));
    const [x, dy] = [rows("x") ?? FIRST.x, rows("dy") ?? FIRST.dy];
    const [gamma, beta] = [rows("gamma")?.[0] ?? FIRST.gamma, rows("beta")?.[0] ?? FIRST.beta];
    const C = x[0].length;
    const fits = (matrix: Matrix, N: number): boolean => matrix.length === N && matrix.every((row) => row.length === C && row.every(Number.isFinite));
    const good = x.length >= 2 && x.length <= 8 && C <= 4 && fits(x, x.length) && fits(dy, x.length) && fits([gamma], 1) && fits([beta], 1);
    this.#given = good ? { ...FIRST, x, dy, gamma, beta } : FIRST;
    this.#wrong = good ? "" : t("common.wrongState", { fields: "x, dy, gamma, beta" });
    const step = Number(q.get("t") ?? 1);
    this.#step = Number.isInteger(step) && step >= 1 && step <= STEPS.length ? step : 1;
    this.requestUpdate();
  } // prettier-ignore

  #set(change: () => void): void {
    change();
    this.#wrong = "";
    const q = new URLSearchParams();
    const write = (matrix: Matrix): string => matrix.map((row) => row.join()).join(";");
    const { x, dy, gamma, beta } = this.#given;
    if (write(x) !== write(FIRST.x)) q.set("x", write(x));
    if (write(dy) !== write(FIRST.dy)) q.set("dy", write(dy));
    if (gamma.join() !== FIRST.gamma.join()) q.set("gamma", gamma.join());
    if (beta.join() !== FIRST.beta.join()) q.set("beta", beta.join());
    if (this.#step !== 1) q.set("t", String(this.#step));
    this.keep(q.toString().replace(/%2C/g, ",").replace(/%3B/g, ";"));
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const run = normalize(this.#given);
    const name = STEPS[this.#step - 1];
    const value = run[name];
    const list = (Array.isArray(value[0]) ? (value as Matrix).map((row) => `(${row.map((v) => num(v)).join(", ")})`) : (value as number[]).map((v) => num(v))).join(", "); // prettier-ignore
    return html`
      <div class="page" lang=${lang()}>
        <div class="intro"><h1>${t("page.norm.title")}</h1><p>${t("page.norm.lead")}</p></div>
        ${this.#wrong === "" ? "" : html`<p class="error" role="alert">${this.#wrong}</p>`}
        ${spoken(t("norm.spoken", { t: this.#step, all: STEPS.length, name: t(`norm.${name}`), list }), this.#player.playing, "norm")}
        <section class="card" aria-labelledby="line-title">
          <h2 id="line-title">${t(`norm.${name}`)}</h2>
          ${formula(`norm.${name}`)}
          <p class="soft">${t(`norm.${name}.text`)}</p>
        </section>
        <div class="columns">
          <section class="card" aria-labelledby="given-title"><h2 id="given-title">${t("norm.given")}</h2>
            <div class="grids">${this.#edit("x", this.#given.x)} ${this.#edit("gamma", [this.#given.gamma])} ${this.#edit("beta", [this.#given.beta])} ${this.#edit("dy", this.#given.dy)}</div>
            <p class="soft">${t("norm.given.text")}</p></section>
          <section class="card" aria-labelledby="forward-title"><h2 id="forward-title">${t("norm.forward")}</h2><div class="grids">${STEPS.slice(0, 6).map((one, n) => this.#draw(one, run, n))}</div></section>
          <section class="card" aria-labelledby="backward-title"><h2 id="backward-title">${t("norm.backward")}</h2><div class="grids">${STEPS.slice(6).map((one, n) => this.#draw(one, run, n + 6))}</div></section>
        </div>
        ${this.#drawCheck(run)}
        ${this.#player.render()}
      </div>
    `; // prettier-ignore
  }

  // A result as a grid; what is not computed yet is a dot.
  #draw(name: StepName, run: NormTrace, n: number): TemplateResult {
    const value = run[name];
    const rows = (Array.isArray(value[0]) ? value : [value]) as Matrix;
    const later = n >= this.#step;
    const now = n === this.#step - 1;
    const most = rows.flat().reduce((large, v) => Math.max(large, Math.abs(v)), 1e-9);
    const hue = n < 5 ? "x" : n === 5 ? "y" : "w";
    return html`<div class="grid-box"><table class="grid small of-${hue}" data-norm=${name}><caption>${t(`norm.${name}`)}</caption><tbody>${rows.map((row) => html`<tr>${row.map((v) => html`<td data-i="0" class=${later ? "later" : now ? "now" : ""} ${custom({ "--heat": later ? "0" : (Math.abs(v) / most).toFixed(2) })}>${later ? "·" : num(v)}</td>`)}</tr>`)}</tbody></table></div>`; // prettier-ignore
  }

  #edit(name: Given, rows: Matrix): TemplateResult {
    return html`<div class="grid-box"><table class="kernel-table"><caption>${t(`norm.given.${name}`)}</caption><tbody>${rows.map((row, n) => html`<tr>${row.map((value, c) => html`<td><input type="number" step="any" aria-label="${t(`norm.given.${name}`)} ${n}, ${c}" data-given="${name}-${n}-${c}" .value=${String(value)} @change=${(event: Event) => this.#write(name, n, c, event)} /></td>`)}</tr>`)}</tbody></table></div>`; // prettier-ignore
  }

  #write(name: Given, n: number, c: number, event: Event): void {
    const input = event.target as HTMLInputElement;
    const value = input.valueAsNumber;
    if (!Number.isFinite(value)) {
      input.value = String(name === "x" || name === "dy" ? this.#given[name][n][c] : this.#given[name][c]);
      return;
    }
    const row = (old: readonly number[]): number[] => old.map((v, j) => (j === c ? value : v));
    const next =
      name === "x" || name === "dy"
        ? this.#given[name].map((old, i) => (i === n ? row(old) : old))
        : row(this.#given[name]);
    this.#set(() => (this.#given = { ...this.#given, [name]: next }));
  }

  #drawCheck(run: NormTrace): TemplateResult {
    const { x, dy, gamma, beta } = this.#given;
    const [N, C] = [x.length, gamma.length];
    const layer = new BatchNorm1d(C, { eps: this.#given.eps });
    const [weight, bias] = layer.parameters();
    weight.value = new Tensor(Float32Array.from(gamma), [C]);
    bias.value = new Tensor(Float32Array.from(beta), [C]);
    const y = layer.forward(new Tensor(Float32Array.from(x.flat()), [N, C]));
    const dx = layer.backward(new Tensor(Float32Array.from(dy.flat()), [N, C])) as Tensor;
    const far = (a: readonly number[], b: ArrayLike<number>): number =>
      a.reduce((most, v, n) => Math.max(most, Math.abs(v - b[n])), 0);
    const kernels = Math.max(far(run.y.flat(), y.data), far(run.dx.flat(), dx.data), far(run.dgamma, weight.grad.data), far(run.dbeta, bias.grad.data)); // prettier-ignore
    const numeric = x.map((row, n) => row.map((_, c) => difference(this.#given, n, c)));
    const worst = far(run.dx.flat(), numeric.flat());
    return html`
      <section class="card" aria-labelledby="check-title">
        <h2 id="check-title">${t("step.check")}</h2>
        ${spoken(t(worst < 1e-5 ? "step.check.ok" : "step.check.bad", { worst: distance(worst) }), false, worst < 1e-5 ? "check good" : "check bad")}
        <p class="kernels">${t("norm.kernels", { worst: distance(kernels) })}</p>
        <table class="table checks"><thead><tr><th scope="col">${t("step.check.cell")}</th><th scope="col" class="number">${t("step.check.byHand")}</th><th scope="col" class="number">${t("step.check.numeric")}</th></tr></thead>
          <tbody>${run.dx.map((row, n) => row.map((value, c) => html`<tr><th scope="row">dx[${n}, ${c}]</th><td class="number">${num(value, 5)}</td><td class="number">${num(numeric[n][c], 5)}</td></tr>`))}</tbody></table>
      </section>
    `; // prettier-ignore
  }
}

define("handgrad-norm", NormElement);
