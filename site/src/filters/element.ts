// <handgrad-filters>: a kernel on a photograph, a drawing or the camera; correlation, convolution and autocorrelation.
import { Tensor, fromRgba } from "handgrad";
import { html, nothing, type TemplateResult } from "lit";
import photograph from "../../../examples/images/raccoon.png?url";
import { lang, t } from "../i18n/i18n.js";
import { spoken } from "../lib/announce.js";
import { define, PageElement } from "../lib/element.js";
import { num } from "../lib/format.js";
import { KERNELS, correlate, isSymmetric, selfSimilarity, toGray, toPixels, turn, type KernelName } from "./apply.js";

const SIDE = 192;
const SOURCES = ["photo", "drawing", "camera"] as const;
type Source = (typeof SOURCES)[number];
type Kernel = readonly (readonly number[])[];

export class FiltersElement extends PageElement {
  #source: Source = "photo";
  #kernel: Kernel = KERNELS.sharpen;
  #gray = false;
  #padded = true;
  #stride = 1;
  #at: readonly [number, number] = [96, 96];
  #picture: Tensor | undefined;
  #stream: MediaStream | undefined;
  #video: HTMLVideoElement | undefined;
  #trouble = "";
  readonly #canvas = new OffscreenCanvas(SIDE, SIDE);
  #drawn = false;
  #from: readonly [number, number] | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.restore();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#closeCamera();
  }

  protected override restore(): void {
    const q = new URLSearchParams(this.query);
    const named = q.get("kernel");
    const rows = named?.split(";").map((row) => row.split(",").map(Number));
    if (named !== null && named in KERNELS) this.#kernel = KERNELS[named as KernelName];
    else if (rows?.every((row) => row.length === rows[0].length && row.every(Number.isFinite)) === true && rows.length <= 7) this.#kernel = rows;
    else this.#kernel = KERNELS.sharpen;
    this.#source = SOURCES.find((source) => source === q.get("source") && source !== "camera") ?? "photo";
    this.#gray = q.get("gray") === "1";
    this.#padded = q.get("padding") !== "0";
    this.#stride = q.get("stride") === "2" ? 2 : 1;
    const [row, column] = (q.get("at") ?? "").split(",").map(Number);
    if (row >= 0 && row < SIDE && column >= 0 && column < SIDE) this.#at = [Math.floor(row), Math.floor(column)];
    void this.#load();
  } // prettier-ignore

  #keepState(): void {
    const q = new URLSearchParams();
    const name = this.#name();
    if (name !== "sharpen") q.set("kernel", name ?? this.#kernel.map((row) => row.join()).join(";"));
    if (this.#source === "drawing") q.set("source", "drawing");
    if (this.#gray) q.set("gray", "1");
    if (!this.#padded) q.set("padding", "0");
    if (this.#stride !== 1) q.set("stride", "2");
    if (this.#at.join() !== "96,96") q.set("at", this.#at.join());
    this.keep(q.toString().replace(/%2C/g, ",").replace(/%3B/g, ";"));
    this.requestUpdate();
  }

  #name(): KernelName | undefined {
    return (Object.keys(KERNELS) as KernelName[]).find(
      (name) => JSON.stringify(KERNELS[name]) === JSON.stringify(this.#kernel),
    );
  }

  async #load(): Promise<void> {
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) return;
    if (this.#source !== "camera") this.#closeCamera();
    if (this.#source === "photo") {
      const image = new Image();
      image.src = photograph;
      await image.decode();
      context.drawImage(image, 0, 0, SIDE, SIDE);
    } else if (this.#source === "drawing") {
      context.fillStyle = "#fff";
      context.fillRect(0, 0, SIDE, SIDE);
      this.#drawn = false;
    } else await this.#openCamera();
    this.#read();
  }

  #read(): void {
    const { data } = (this.#canvas.getContext("2d") as OffscreenCanvasRenderingContext2D).getImageData(
      0,
      0,
      SIDE,
      SIDE,
    );
    this.#picture = fromRgba(data, SIDE, SIDE);
    this.requestUpdate();
  }

  async #openCamera(): Promise<void> {
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({ video: { width: 320, height: 320 } });
    } catch (error) {
      this.#trouble = t("filters.noCamera", { reason: error instanceof Error ? error.message : String(error) });
      this.#source = "photo";
      await this.#load();
      return;
    }
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = this.#stream;
    await video.play();
    this.#video = video;
    const frame = (): void => {
      if (this.#video !== video) return;
      const side = Math.min(video.videoWidth, video.videoHeight);
      const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
      this.#canvas.getContext("2d")?.drawImage(video, left, top, side, side, 0, 0, SIDE, SIDE);
      this.#read();
      setTimeout(frame, 60);
    };
    frame();
  }

  #closeCamera(): void {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = undefined;
    this.#video = undefined;
  }

  protected override updated(): void {
    const picture = this.#picture;
    if (picture === undefined) return;
    const x = this.#gray ? toGray(picture) : picture;
    const options = { padded: this.#padded, stride: this.#stride };
    const signed = Math.abs(this.#kernel.flat().reduce((sum, value) => sum + value, 0)) < 1e-6; // edges: gray is zero
    this.#paint("original", toPixels(x, false));
    this.#paint("correlation", toPixels(correlate(x, this.#kernel, options), signed));
    this.#paint("convolution", toPixels(correlate(x, turn(this.#kernel), options), signed));
    const self = selfSimilarity(toGray(picture), 48);
    this.#paint("autocorrelation", toPixels(self.reshape([1, 1, ...self.shape]), true));
    const mark = this.renderRoot.querySelector<HTMLCanvasElement>("canvas[data-picture=original]")?.getContext("2d");
    if (mark == null) return;
    const [KH, KW] = [this.#kernel.length, this.#kernel[0].length];
    mark.strokeStyle = "#d6410b";
    mark.strokeRect(this.#at[1] - KW / 2 + 0.5, this.#at[0] - KH / 2 + 0.5, KW, KH);
  }

  #paint(name: string, image: ImageData): void {
    const canvas = this.renderRoot.querySelector<HTMLCanvasElement>(`canvas[data-picture=${name}]`);
    if (canvas === null) return;
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d")?.putImageData(image, 0, 0);
  }

  override render(): TemplateResult {
    const kernel = this.#kernel;
    return html`
      <div class="page" lang=${lang()}>
        <div class="intro"><h1>${t("page.filters.title")}</h1><p>${t("page.filters.lead")}</p></div>
        <div class="row presets" role="group" aria-label=${t("filters.kernel")}>
          ${(Object.keys(KERNELS) as KernelName[]).map((name) => html`<button type="button" class="chip" data-kernel=${name} aria-pressed=${this.#name() === name} @click=${() => this.#setKernel(KERNELS[name])}>${t(`filters.kernel.${name}`)}</button>`)}
        </div>
        <div class="row">
          <span class="segments" role="group" aria-label=${t("filters.source")}>${SOURCES.map((source) => html`<button type="button" data-source=${source} aria-pressed=${this.#source === source} @click=${() => this.#setSource(source)}>${t(`filters.source.${source}`)}</button>`)}</span>
          <span class="segments" role="group" aria-label=${t("filters.color")}>
            <button type="button" aria-pressed=${!this.#gray} data-color="rgb" @click=${() => this.#set(() => (this.#gray = false))}>RGB</button>
            <button type="button" aria-pressed=${this.#gray} data-color="gray" @click=${() => this.#set(() => (this.#gray = true))}>${t("filters.gray")}</button>
          </span>
          <label><input type="checkbox" name="padded" .checked=${this.#padded} @change=${() => this.#set(() => (this.#padded = !this.#padded))} />${t("filters.padded")}</label>
          <label><input type="checkbox" name="stride" .checked=${this.#stride === 2} @change=${() => this.#set(() => (this.#stride = 3 - this.#stride))} />${t("filters.stride2")}</label>
        </div>
        ${this.#trouble === "" ? nothing : html`<p class="error" role="alert">${this.#trouble}</p>`}
        ${spoken(this.#sentence(), this.#source === "camera", "filters")}
        <div class="columns pictures">${(["original", "correlation", "convolution", "autocorrelation"] as const).map((name) => html`
          <section class="card" aria-labelledby="title-${name}">
            <h2 id="title-${name}">${t(`filters.${name}`)}</h2>
            <canvas class="pixels picture" data-picture=${name} role=${name === "original" ? "application" : "img"} tabindex=${name === "original" ? 0 : -1} aria-label=${name === "original" ? t("filters.pick") : t(`filters.${name}`)} width=${SIDE} height=${SIDE}
              @pointerdown=${name === "original" ? this.#down : nothing} @pointermove=${name === "original" ? this.#move : nothing} @pointerup=${this.#up} @keydown=${name === "original" ? this.#key : nothing}></canvas>
            <p class="soft">${t(`filters.${name}.text`)}</p>
          </section>`)}
        </div>
        <div class="columns">
          <section class="card" aria-labelledby="kernel-title">
            <h2 id="kernel-title">${t("filters.kernel")}</h2>
            <div class="row">${[3, 5, 7].map((size) => html`<button type="button" class="chip" aria-pressed=${kernel.length === size} data-size=${size} @click=${() => this.#resize(size)}>${size}×${size}</button>`)}
              <button type="button" class="normalize" @click=${() => this.#normalize()}>${t("filters.normalize")}</button></div>
            <div class="scroll"><table class="kernel-table"><tbody>${kernel.map((row, k) => html`<tr>${row.map((value, l) => html`<td><input type="number" step="any" aria-label=${t("filters.weight", { k, l })} .value=${String(Number(value.toFixed(4)))} @change=${(event: Event) => this.#write(k, l, (event.target as HTMLInputElement).valueAsNumber)} /></td>`)}</tr>`)}</tbody></table></div>
          </section>
          ${this.#picture === undefined ? nothing : this.#drawWindow()}
        </div>
      </div>
    `; // prettier-ignore
  }

  // The sum at the chosen pixel, as lesson 1 has it: a weighted sum, as a neuron's.
  #drawWindow(): TemplateResult {
    const { window, sum } = this.#windowAt();
    return html`
      <section class="card" aria-labelledby="window-title">
        <h2 id="window-title">${t("filters.window", { row: this.#at[0], column: this.#at[1] })}</h2>
        ${spoken(t("filters.spoken.window", { sum: num(sum) }), this.#source === "camera", "window")}
        <div class="scroll" tabindex="0" role="group" aria-label=${t("filters.windowTable")}>
          <table class="table window"><caption class="visually-hidden">${t("filters.windowTable")}</caption><tbody>${window.map((row, k) => html`<tr>${row.map((value, l) => html`<td><span class="x">${num(value, 2)}</span> · <span class="w">${num(this.#kernel[k][l], 3)}</span></td>`)}</tr>`)}</tbody></table>
        </div>
      </section>
    `; // prettier-ignore
  }

  #windowAt(): { window: number[][]; sum: number } {
    const picture = this.#picture as Tensor;
    const gray = toGray(picture);
    const [row, column] = this.#at;
    const [KH, KW] = [this.#kernel.length, this.#kernel[0].length];
    const window = this.#kernel.map((weights, k) =>
      weights.map((_, l) => {
        const [i, j] = [row + k - Math.floor(KH / 2), column + l - Math.floor(KW / 2)];
        return i >= 0 && i < SIDE && j >= 0 && j < SIDE ? gray.data[i * SIDE + j] : 0;
      }),
    );
    const sum = window.flat().reduce((so, value, n) => so + value * this.#kernel.flat()[n], 0);
    return { window, sum };
  }

  #sentence(): string {
    const [KH, KW] = [this.#kernel.length, this.#kernel[0].length];
    const size = (k: number): number =>
      Math.floor((SIDE + (this.#padded ? 2 * Math.floor(k / 2) : 0) - k) / this.#stride) + 1;
    const values = { H: SIDE, W: SIDE, KH, KW, OH: size(KH), OW: size(KW), C: this.#gray ? 1 : 3 };
    const same = isSymmetric(this.#kernel) ? t("filters.spoken.symmetric") : t("filters.spoken.different");
    return `${t("filters.spoken.size", values)} ${same}`;
  }

  #set(change: () => void): void {
    change();
    this.#keepState();
  }

  #setSource(source: Source): void {
    this.#trouble = "";
    this.#source = source;
    this.#keepState();
    void this.#load();
  }

  #setKernel(kernel: Kernel): void {
    this.#set(() => (this.#kernel = kernel));
  }

  #write(k: number, l: number, value: number): void {
    if (!Number.isFinite(value)) return;
    this.#setKernel(this.#kernel.map((row, i) => row.map((old, j) => (i === k && j === l ? value : old))));
  }

  // The old kernel stays in the middle.
  #resize(size: number): void {
    const old = this.#kernel;
    const from = Math.floor((size - old.length) / 2);
    this.#setKernel(
      Array.from({ length: size }, (_, k) => Array.from({ length: size }, (__, l) => old[k - from]?.[l - from] ?? 0)),
    );
  }

  // Weights that add up to 1 keep a picture's brightness.
  #normalize(): void {
    const sum = this.#kernel.flat().reduce((so, value) => so + value, 0);
    if (Math.abs(sum) > 1e-9) this.#setKernel(this.#kernel.map((row) => row.map((value) => value / sum)));
  }

  #place(event: PointerEvent): readonly [number, number] {
    const box = (event.target as HTMLElement).getBoundingClientRect();
    const within = (value: number): number => Math.max(0, Math.min(SIDE - 1, Math.floor(value * SIDE)));
    return [within((event.clientY - box.top) / box.height), within((event.clientX - box.left) / box.width)];
  }

  readonly #down = (event: PointerEvent): void => {
    this.#at = this.#place(event);
    if (this.#source === "drawing") {
      (event.target as HTMLElement).setPointerCapture(event.pointerId);
      this.#from = this.#at;
      this.#line(this.#at, this.#at);
    } else this.#keepState();
  };

  readonly #move = (event: PointerEvent): void => {
    if (this.#from === undefined) return;
    const to = this.#place(event);
    this.#line(this.#from, to);
    this.#from = this.#at = to;
  };

  readonly #up = (): void => {
    if (this.#from !== undefined) this.#keepState();
    this.#from = undefined;
  };

  #line([r, c]: readonly [number, number], [u, v]: readonly [number, number]): void {
    const context = this.#canvas.getContext("2d");
    if (context === null) return;
    context.lineWidth = 7;
    context.lineCap = "round";
    context.strokeStyle = "#1d2733";
    context.beginPath();
    context.moveTo(c, r);
    context.lineTo(v, u + 0.01);
    context.stroke();
    this.#drawn = true;
    this.#read();
  }

  readonly #key = (event: KeyboardEvent): void => {
    const step = event.shiftKey ? 16 : 4;
    const move = { ArrowUp: [-step, 0], ArrowDown: [step, 0], ArrowLeft: [0, -step], ArrowRight: [0, step] }[event.key];
    if (move === undefined && event.key !== " ") return;
    event.preventDefault();
    const within = (value: number): number => Math.max(0, Math.min(SIDE - 1, value));
    const to = [within(this.#at[0] + (move?.[0] ?? 0)), within(this.#at[1] + (move?.[1] ?? 0))] as const;
    if (this.#source === "drawing" && (event.key === " " || this.#drawn)) this.#line(this.#at, to);
    this.#at = to;
    this.#keepState();
  };
}

define("handgrad-filters", FiltersElement);
