// <handgrad-step>: a convolution or a pooling, forth and back, one window at a time.
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { lang, t } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { define, PageElement } from "../lib/element.js";
import { Player } from "../lib/player.js";
import { misfit, type Misfit } from "../math/geometry.js";
import { trace, type Trace } from "../math/trace.js";
import { check, drawChecks, type Checks } from "./checks.js";
import { drawControls } from "./controls.js";
import { moveFocus } from "./grids.js";
import { cellsInView, drawCode, drawNow, drawPanels, sizesSentence } from "./panels.js";
import { PRESETS } from "./presets.js";
import { fitted, fromQuery, stepsOf, toQuery, type Cell, type GridName, type StepState } from "./state.js";
import { sentence } from "./words.js";

const EDITABLE: readonly GridName[] = ["x", "w", "dy"];
const DIGITS = /^[-0-9.]$/;

export class StepElement extends PageElement {
  static override readonly properties = { state: { type: String } };
  declare state: string | undefined;
  #s!: StepState;
  #run!: Trace;
  #checks: Checks | undefined;
  #checking: ReturnType<typeof setTimeout> | undefined;
  #wrong: readonly string[] = [];
  #misfit: Misfit | undefined;
  #copied = "";
  #tool: "pin" | "paint" = "pin";
  #brush = 9;
  #painting = false;
  #typed = "";
  readonly #player = new Player(this, () => ({
    step: this.#s.t,
    steps: stepsOf(this.#s),
    go: (step) => this.#show({ t: step }),
  }));

  override connectedCallback(): void {
    super.connectedCallback();
    this.restore();
  }

  protected override restore(): void {
    const { state, wrong } = fromQuery(this.query);
    this.#wrong = wrong;
    this.#take(state);
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has("state") && this.hasUpdated) this.restore();
  }

  // Takes over a state and computes what it shows.
  #take(s: StepState): void {
    const numbers: (keyof StepState)[] = [
      "x",
      "w",
      "b",
      "dy",
      "op",
      "kernel",
      "stride",
      "dilation",
      "padding",
      "mode",
      "groups",
      "flip",
    ];
    const same = this.#s !== undefined && numbers.every((name) => this.#s[name] === s[name]);
    this.#s = s;
    if (!same) {
      this.#run = trace(s, s);
      this.#checks = undefined;
      clearTimeout(this.#checking);
      // The differences cost a moment: they wait until a change is over.
      this.#checking = setTimeout(() => {
        this.#checks = check(this.#s, this.#run);
        this.requestUpdate();
      }, 60);
    }
    this.requestUpdate();
  }

  // A change that cannot fail: another step, another reading.
  #show(part: Partial<StepState>): void {
    this.#change(part);
  }

  // A change of any kind: the layer must fit, or a sentence says why it does not and nothing changes.
  #change(part: Partial<StepState>): void {
    const wanted = { ...this.#s, ...part };
    if (part.op !== undefined && part.op !== this.#s.op) wanted.t = 1;
    // The larger of a convolution's border goes: a pooling has at most half its kernel.
    if (wanted.op !== "conv" && this.#s.op === "conv") wanted.padding = [0, 0, 0, 0];
    if (wanted.op === "conv" && this.#s.op !== "conv") {
      wanted.O = 1;
      wanted.w = [];
    }
    const s = fitted(
      part.w === undefined && changesShape(part) ? { ...wanted, w: [], x: part.x ?? [], dy: [] } : wanted,
      this.#s,
    );
    this.#misfit = misfit(s);
    if (this.#misfit !== undefined) {
      this.requestUpdate();
      return;
    }
    this.#wrong = [];
    this.#copied = "";
    this.#take(s);
    this.keep(toQuery(s));
  }

  #preset(query: string): void {
    this.#player.pause();
    this.#misfit = undefined;
    this.#wrong = [];
    this.#take(fromQuery(query).state);
    this.keep(toQuery(this.#s));
  }

  override render(): TemplateResult {
    const s = this.#s;
    const run = this.#run;
    const steps = stepsOf(s);
    return html`
      <div class="page" lang=${lang()} @keydown=${this.#onKey} @pointerdown=${this.#onPointer} @pointerover=${this.#onPointer}
        @pointerup=${this.#endPaint} @pointercancel=${this.#endPaint} @pointerleave=${this.#endPaint}>
        <div class="intro">
          <h1>${t("page.step.title")}</h1>
          <p>${t("page.step.lead")}</p>
        </div>
        <div class="row presets" role="group" aria-label=${t("step.examples")}>
          ${PRESETS.map(([name, query]) => html`<button type="button" class="chip" data-preset=${name} aria-pressed=${toQuery(fromQuery(query).state) === toQuery({ ...s, t: fromQuery(query).state.t })} @click=${() => this.#preset(query)}>${t(`step.preset.${name}`)}</button>`)}
        </div>
        ${this.#wrong.length > 0 ? html`<p class="error" role="alert">${t("common.wrongState", { fields: this.#wrong.join(", ") })}</p>` : nothing}
        <div class="row">
          <span class="segments" role="group" aria-label=${t("step.view")}>
            ${(["windows", "cells"] as const).map((view) => html`<button type="button" data-view=${view} aria-pressed=${s.view === view} @click=${() => this.#show({ view, t: 1 })}>${t(`step.view.${view}`)}</button>`)}
          </span>
          <span class="segments" role="group" aria-label=${t("step.tool")}>
            ${(["pin", "paint"] as const).map((tool) => html`<button type="button" data-tool=${tool} aria-pressed=${this.#tool === tool} @click=${() => this.#setTool(tool)}>${t(`step.tool.${tool}`)}</button>`)}
          </span>
          <label>${t("step.brush")} <input type="number" step="any" class="brush" .value=${String(this.#brush)} @change=${this.#setBrush} /></label>
          <button type="button" @click=${() => this.#fill(() => 0)}>${t("step.fill.zero")}</button>
          <button type="button" @click=${() => this.#fill((n) => n + 1)}>${t("step.fill.count")}</button>
        </div>
        ${spoken(sentence(s, run, steps), this.#player.playing, "step")}
        ${drawPanels(s, run)}
        ${drawNow(s, run, () => this.#change({ pin: undefined }))}
        <div class="columns">
          <section class="card settings" aria-labelledby="layer-title">
            <h2 id="layer-title">${t("step.layer")}</h2>
            ${drawControls(s, (part) => this.#change(part))}
            ${this.#misfit === undefined ? nothing : html`<p class="error misfit" role="alert">${t(`step.misfit.${this.#misfit}`, { C: s.C, O: s.O })}</p>`}
            <p class="soft sizes">${sizesSentence(s)}</p>
          </section>
          ${this.#checks === undefined ? nothing : drawChecks(s, run, this.#checks, cellsInView(s, run), this.#player.playing)}
        </div>
        ${drawCode(s, this.#copied, () => void this.#copyLink())}
        ${this.#player.render()}
      </div>
    `; // prettier-ignore
  }

  async #copyLink(): Promise<void> {
    const query = toQuery(this.#s);
    const url = `${location.origin}${location.pathname}${query === "" ? "" : `?${query}`}`;
    try {
      await navigator.clipboard.writeText(url);
      this.#copied = t("common.copied", { url });
    } catch {
      this.#copied = t("common.copyFailed");
    }
    this.requestUpdate();
  }

  #setTool(tool: "pin" | "paint"): void {
    this.#tool = tool;
    this.requestUpdate();
  }

  readonly #setBrush = (event: Event): void => {
    const value = (event.target as HTMLInputElement).valueAsNumber;
    if (Number.isFinite(value)) this.#brush = value;
    this.requestUpdate();
  };

  #fill(value: (n: number) => number): void {
    this.#change({ x: this.#s.x.map((_, n) => value(n)) });
  }

  // The number that an event is about.
  #cellOf(event: Event): Cell | undefined {
    const target = (event.target as HTMLElement).closest<HTMLElement>("td[data-i]");
    const grid = target?.closest("table")?.dataset["grid"] as GridName | undefined;
    const index = Number(target?.dataset["i"] ?? -1);
    return grid === undefined || index < 0 ? undefined : { grid, index };
  }

  #write({ grid, index }: Cell, value: number): void {
    if (!EDITABLE.includes(grid)) return;
    this.#change({ [grid]: this.#s[grid as "x" | "w" | "dy"].map((old, n) => (n === index ? value : old)) });
  }

  #togglePin(cell: Cell): void {
    const { pin } = this.#s;
    this.#change({ pin: pin?.grid === cell.grid && pin.index === cell.index ? undefined : cell });
  }

  readonly #onPointer = (event: PointerEvent): void => {
    const cell = this.#cellOf(event);
    if (cell === undefined || (event.type === "pointerdown" && event.button !== 0)) return;
    const paints = this.#tool === "paint" && EDITABLE.includes(cell.grid);
    if (event.type === "pointerdown") {
      this.#typed = "";
      if (!paints) this.#togglePin(cell);
      else {
        this.#painting = true;
        // A finger would hold on to its first cell.
        (event.target as Element).releasePointerCapture?.(event.pointerId);
        event.preventDefault();
        this.#write(cell, this.#brush);
      }
    } else if (paints && this.#painting) this.#write(cell, this.#brush);
  };

  readonly #endPaint = (): void => {
    this.#painting = false;
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const cell = this.#cellOf(event);
    if (!(event.target instanceof HTMLTableCellElement) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (moveFocus(event)) {
      this.#typed = "";
      event.preventDefault();
      return;
    }
    if (cell === undefined) return;
    if (event.key === "Enter") this.#togglePin(cell);
    else if (event.key === " " && EDITABLE.includes(cell.grid)) this.#write(cell, this.#brush);
    else if (event.key === "Backspace" || event.key === "Delete") {
      this.#typed = "";
      this.#write(cell, 0);
    } else if (DIGITS.test(event.key) && EDITABLE.includes(cell.grid)) {
      this.#typed += event.key;
      const value = Number(this.#typed);
      if (Number.isFinite(value)) this.#write(cell, value);
    } else return;
    event.preventDefault();
  };
}

function changesShape(part: Partial<StepState>): boolean {
  return ["C", "H", "W", "O", "groups", "kernel"].some((name) => name in part);
}

define("handgrad-step", StepElement);
