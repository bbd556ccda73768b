// <handgrad-train>: lesson 4's network learns real digits in a worker; a drawn digit goes through every step.
import { loadModel } from "handgrad/io";
import { drawingSteps, type DrawingSteps, type InkPlane } from "handgrad/models";
import { html, nothing, type TemplateResult } from "lit";
import { lang, t } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { define, PageElement } from "../lib/element.js";
import { whole } from "../lib/format.js";
import { paint } from "../lib/plane.js";
import { Drawing, SIDE } from "./drawing.js";
import { History } from "./history.js";
import type { Evaluation, FromWorker, Look, Progress, Settings, ToWorker } from "./messages.js";
import { drawConfusion, drawCurves, drawFilters, drawGuess, drawMaps, drawSteps } from "./views.js";

const FIRST: Settings = { seed: 1, lr: 0.001, batch: 32, epochs: 6, vary: true };
const APP = `import { loadModel } from "handgrad/io";

const digits = loadModel(await (await fetch("digits.safetensors")).arrayBuffer());
const image = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
console.log(digits.classify(image, { top: 3, resize: true }));`;

type Status = "idle" | "loading" | "running" | "paused" | "finished" | "failed";

export class TrainElement extends PageElement {
  #settings = FIRST;
  #worker: Worker | undefined;
  #status: Status = "idle";
  #message = "";
  #history = new History();
  #progress: Progress | undefined;
  #evaluation: Evaluation | undefined;
  #look: Look | undefined;
  #looking = false;
  #confused: Extract<FromWorker, { type: "confused" }> | undefined;
  #counts = { training: 12_000, test: 2_000 };
  #digit: number | undefined;
  #label = "";
  #drawing = new Drawing();
  #ink: InkPlane = this.#drawing.plane();
  #prepared: DrawingSteps | null = null;
  #from: readonly [number, number] | undefined;
  #stale = false;
  #drawQueued = false;
  #saved: { readonly url: string; readonly sentence: string } | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.restore();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#worker?.terminate();
    this.#worker = undefined;
    if (this.#saved !== undefined) URL.revokeObjectURL(this.#saved.url);
  }

  protected override restore(): void {
    const q = new URLSearchParams(this.query);
    const number = (name: keyof Settings, least: number, most: number): number => {
      const value = Number(q.get(name) ?? NaN);
      return Number.isFinite(value) && value >= least && value <= most ? value : (FIRST[name] as number);
    };
    this.#settings = {
      seed: Math.floor(number("seed", 0, 2 ** 31)),
      lr: number("lr", 1e-6, 1),
      batch: Math.floor(number("batch", 1, 512)),
      epochs: Math.floor(number("epochs", 1, 50)),
      vary: q.get("vary") !== "0",
    };
    const digit = Number(q.get("digit") ?? NaN);
    this.#digit = Number.isInteger(digit) && digit >= 0 ? digit : undefined;
    this.requestUpdate();
  }

  #keepState(): void {
    const q = new URLSearchParams();
    for (const name of ["seed", "lr", "batch", "epochs"] as const) {
      if (this.#settings[name] !== FIRST[name]) q.set(name, String(this.#settings[name]));
    }
    if (!this.#settings.vary) q.set("vary", "0");
    if (this.#digit !== undefined) q.set("digit", String(this.#digit));
    this.keep(q.toString());
  }

  #send(message: ToWorker): void {
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage(message);
  }

  #startWorker(): Worker {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#receive(data);
    // A worker that a policy forbids, or that cannot be loaded, tells no reason.
    worker.onerror = (event) => this.#receive({ type: "error", message: event.message || t("train.noWorker") });
    return worker;
  }

  #train(): void {
    this.#history = new History();
    this.#confused = undefined;
    this.#status = "loading";
    this.#send({ type: "start", settings: this.#settings, digits: new URL("./digits", document.baseURI).href });
    this.requestUpdate();
  }

  #receive(message: FromWorker): void {
    if (message.type === "ready") {
      this.#counts = { training: message.training, test: message.test };
      this.#status = "running";
      if (this.#digit !== undefined) this.#send({ type: "digit", index: this.#digit });
    } else if (message.type === "progress") {
      this.#status = this.#status === "paused" ? "paused" : "running";
      this.#progress = message;
      this.#history.progress(message);
    } else if (message.type === "evaluation") {
      this.#evaluation = message;
      this.#history.evaluation(message);
      this.#ask(); // what it makes of the drawing now
    } else if (message.type === "look") {
      this.#look = message;
      this.#looking = false;
      if (this.#stale) this.#ask();
    } else if (message.type === "confused") this.#confused = message;
    else if (message.type === "paused") this.#status = "paused";
    else if (message.type === "resumed") this.#status = "running";
    else if (message.type === "finished") this.#status = "finished";
    else if (message.type === "saved") this.#receiveModel(message.bytes);
    else if (message.type === "digit") {
      this.#label = t("train.draw.truth", { index: message.index, label: message.label });
      this.#drawing.put(message.image, 28);
      this.#drawn();
    } else if (message.type === "error") {
      this.#status = "failed";
      this.#message = message.message;
    }
    this.requestUpdate();
  }

  // One question at a time: strokes come faster than answers.
  #ask(): void {
    const image = this.#prepared?.image.data;
    if (image === undefined || this.#worker === undefined || this.#evaluation === undefined) return;
    this.#stale = this.#looking;
    if (this.#looking) return;
    this.#looking = true;
    this.#send({ type: "look", image });
  }

  // After a stroke: at most once a frame.
  #drawn(): void {
    if (this.#drawQueued) return;
    this.#drawQueued = true;
    requestAnimationFrame(() => {
      this.#drawQueued = false;
      this.#ink = this.#drawing.plane();
      this.#prepared = drawingSteps(this.#ink, { ink: "light" });
      if (this.#prepared === null) this.#look = undefined;
      this.#ask();
      this.requestUpdate();
    });
  }

  #receiveModel(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#saved !== undefined) URL.revokeObjectURL(this.#saved.url);
    const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    const size = whole(bytes.length);
    let sentence = t("train.app.savedNoImage", { size });
    const image = this.#prepared?.image;
    if (image !== undefined) {
      // White ink on black, as the network knows it.
      const pixels = paint({ ...image, data: image.data.map((ink) => 1 - ink), most: 1 });
      const found = loadModel(bytes).classify(pixels, { top: 3, resize: true });
      const list = found.map(({ name, probability }) => `${name} ${(100 * probability).toFixed(1)} %`).join(", ");
      sentence = t("train.app.saved", { size, list });
    }
    this.#saved = { url, sentence };
    const link = document.createElement("a");
    link.href = url;
    link.download = "digits.safetensors";
    link.click();
  }

  protected override updated(): void {
    const canvas = this.renderRoot.querySelector<HTMLCanvasElement>("canvas.pad");
    if (canvas !== null) this.#drawing.show(canvas, canvas.matches(":focus-visible"));
  }

  override render(): TemplateResult {
    const quiet = this.#status === "running";
    return html`
      <div class="page" lang=${lang()}>
        <div class="intro"><h1>${t("page.train.title")}</h1><p>${t("page.train.lead")}</p></div>
        ${this.#drawSettings()}
        <div class="columns">${drawCurves(this.#history, quiet)}</div>
        <div class="columns">
          ${this.#drawPad()}
          ${drawSteps(this.#prepared, this.#ink.data, SIDE)}
          ${this.#look === undefined ? nothing : drawGuess(this.#look)}
        </div>
        ${this.#look === undefined ? nothing : html`<div class="columns wide">${drawMaps(this.#look)}</div>`}
        ${this.#evaluation === undefined ? nothing : html`<div class="columns">
          ${drawConfusion(this.#evaluation, this.#confused, quiet, (truth, taken) => this.#send({ type: "confused", truth, taken }))}
          ${drawFilters(this.#evaluation)}
          ${this.#drawApp()}
        </div>`}
      </div>
    `; // prettier-ignore
  }

  #drawSettings(): TemplateResult {
    const s = this.#settings;
    const field = (name: "lr" | "batch" | "epochs" | "seed", step: string, least: number, most: number): TemplateResult => html`
      <label>${t(`train.${name}`)} <input type="number" name=${name} min=${least} max=${most} step=${step} .value=${String(s[name])}
        @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          const value = input.valueAsNumber;
          if (Number.isFinite(value) && value >= least && value <= most) this.#settings = { ...s, [name]: value };
          else input.value = String(s[name]);
          this.#keepState();
          this.requestUpdate();
        }} /></label>`; // prettier-ignore
    const going = this.#status === "running" || this.#status === "paused";
    return html`
      <section class="card" aria-labelledby="settings-title">
        <h2 id="settings-title">${t("train.settings")}</h2>
        <div class="row">
          <button type="button" class="primary train" @click=${() => this.#train()}>${t(this.#status === "idle" ? "train.start" : "train.restart")}</button>
          ${going ? html`<button type="button" class="pause" @click=${() => this.#send({ type: this.#status === "paused" ? "resume" : "pause" })}>${t(this.#status === "paused" ? "train.resume" : "train.pause")}</button>` : nothing}
          ${field("lr", "any", 1e-6, 1)} ${field("batch", "1", 1, 512)} ${field("epochs", "1", 1, 50)} ${field("seed", "1", 0, 2 ** 31)}
          <label><input type="checkbox" name="vary" .checked=${s.vary} @change=${() => {
            this.#settings = { ...s, vary: !s.vary };
            this.#keepState();
            this.requestUpdate();
          }} />${t("train.vary")}</label>
        </div>
        ${spoken(this.#statusSentence(), this.#status === "running", this.#status === "failed" ? "status error" : "status")}
        <p class="soft">${t("train.source", { training: whole(this.#counts.training), test: whole(this.#counts.test) })}</p>
      </section>
    `; // prettier-ignore
  }

  #statusSentence(): string {
    const { step = 0, steps = 0, epoch = 0, samplesPerSecond = 0 } = this.#progress ?? {};
    if (this.#status === "failed") return t("train.failed", { message: this.#message });
    if (this.#status === "idle") return t("train.idle");
    if (this.#status === "loading") return t("train.loading");
    if (this.#status === "paused") return t("train.pausedAt", { step, steps });
    if (this.#status === "finished") return t("train.finished", { steps });
    return t("train.running", { step, steps, epoch, rate: whole(Math.round(samplesPerSecond)) });
  }

  #drawPad(): TemplateResult {
    return html`
      <section class="card" aria-labelledby="draw-title">
        <h2 id="draw-title">${t("train.draw")}</h2>
        <canvas class="pixels pad" width=${SIDE} height=${SIDE} tabindex="0" role="application" aria-label=${t("train.draw.pad")}
          @pointerdown=${this.#penDown} @pointermove=${this.#penMove} @pointerup=${this.#penUp} @pointercancel=${this.#penUp}
          @keydown=${this.#penKey} @focus=${() => this.requestUpdate()} @blur=${() => this.requestUpdate()}></canvas>
        <div class="row">
          <button type="button" class="clear" @click=${() => this.#clear()}>${t("train.draw.clear")}</button>
          <label>${t("train.draw.pen")} <input type="range" min="3" max="22" .value=${String(this.#drawing.pen)} @input=${(event: Event) => (this.#drawing.pen = (event.target as HTMLInputElement).valueAsNumber)} /></label>
        </div>
        ${this.#evaluation === undefined ? nothing : html`<div class="row">
          <label>${t("train.draw.sample")} <input type="number" class="sample" min="0" max=${this.#counts.test - 1} .value=${String(this.#digit ?? 0)} @change=${(event: Event) => this.#showDigit((event.target as HTMLInputElement).valueAsNumber)} /></label>
          <button type="button" class="show" @click=${() => this.#showDigit(this.#digit ?? 0)}>${t("train.draw.show")}</button>
        </div>`}
        ${this.#label === "" ? nothing : html`<p class="truth" role="status">${this.#label}</p>`}
      </section>
    `; // prettier-ignore
  }

  #showDigit(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= this.#counts.test) return;
    this.#digit = index;
    this.#keepState();
    this.#send({ type: "digit", index });
  }

  #clear(): void {
    this.#drawing.clear();
    this.#label = "";
    this.#drawn();
  }

  #place(event: PointerEvent): readonly [number, number] {
    const box = (event.target as HTMLElement).getBoundingClientRect();
    return [((event.clientX - box.left) * SIDE) / box.width, ((event.clientY - box.top) * SIDE) / box.height];
  }

  readonly #penDown = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    (event.target as HTMLElement).setPointerCapture(event.pointerId);
    this.#label = "";
    this.#from = this.#place(event);
    this.#drawing.line(this.#from, this.#from);
    this.#drawn();
  };

  readonly #penMove = (event: PointerEvent): void => {
    if (this.#from === undefined) return;
    const to = this.#place(event);
    this.#drawing.line(this.#from, to);
    this.#from = to;
    this.#drawn();
  };

  readonly #penUp = (): void => {
    this.#from = undefined;
  };

  readonly #penKey = (event: KeyboardEvent): void => {
    const step = event.shiftKey ? 2 : 7;
    const move = { ArrowUp: [0, -step], ArrowDown: [0, step], ArrowLeft: [-step, 0], ArrowRight: [step, 0] }[event.key];
    if (move !== undefined) this.#drawing.move(move[0], move[1]);
    else if (event.key === " ") {
      this.#drawing.down = !this.#drawing.down;
      if (this.#drawing.down) this.#drawing.line(this.#drawing.at, this.#drawing.at);
    } else if (event.key === "Delete" || event.key === "Backspace") this.#clear();
    else return;
    event.preventDefault();
    this.#drawn();
  };

  #drawApp(): TemplateResult {
    return html`
      <section class="card" aria-labelledby="app-title">
        <h2 id="app-title">${t("train.app")}</h2>
        <p class="soft">${t("train.app.lead")}</p>
        <div><button type="button" class="save" @click=${() => this.#send({ type: "save" })}>${t("train.app.save")}</button></div>
        ${this.#saved === undefined ? nothing : spoken(this.#saved.sentence, false, "saved")}
        <pre tabindex="0" role="group" aria-label=${t("train.app")}><code>${APP}</code></pre>
      </section>
    `; // prettier-ignore
  }
}

define("handgrad-train", TrainElement);
