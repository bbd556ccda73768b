// The time slider with its buttons: step, back, play, speed. Keys are those of a slider and of buttons; nothing else is taken.
import { html, svg, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import { t } from "../i18n/i18n.js";

export interface Timeline {
  readonly step: number;
  readonly steps: number;
  readonly go: (step: number) => void;
  readonly label?: string;
}

// Drawn here: fonts differ in which of these signs they have.
const SIGNS = {
  first: svg`<path d="M2 2h2v12H2zM14 2v12L5 8z" />`,
  back: svg`<path d="M12 2v12L3 8z" />`,
  next: svg`<path d="M4 2v12l9-6z" />`,
  last: svg`<path d="M12 2h2v12h-2zM2 2v12l9-6z" />`,
};
const SPEEDS = [0.5, 1, 2, 4, 8];

/** Plays a timeline and draws its bar. */
export class Player implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #timeline: () => Timeline;
  #timer: ReturnType<typeof setInterval> | undefined;
  #speed = 1;

  constructor(host: ReactiveControllerHost, timeline: () => Timeline) {
    this.#host = host;
    this.#timeline = timeline;
    host.addController(this);
  }

  hostDisconnected(): void {
    this.pause();
  }

  get playing(): boolean {
    return this.#timer !== undefined;
  }

  pause(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#host.requestUpdate();
  }

  play(): void {
    this.pause();
    const { step, steps, go } = this.#timeline();
    if (step >= steps) go(1);
    this.#timer = setInterval(() => {
      const now = this.#timeline();
      if (now.step < now.steps) now.go(now.step + 1);
      if (this.#timeline().step >= this.#timeline().steps) this.pause();
    }, 1000 / this.#speed);
    this.#host.requestUpdate();
  }

  #to(step: number): void {
    this.pause();
    const { steps, go } = this.#timeline();
    go(Math.max(1, Math.min(steps, step)));
  }

  #setSpeed(event: Event): void {
    this.#speed = Number((event.target as HTMLSelectElement).value);
    if (this.playing) this.play();
  }

  render(): TemplateResult {
    const { step, steps, label } = this.#timeline();
    const text = t("player.step", { t: step, all: steps });
    const button = (name: keyof typeof SIGNS, to: number, off: boolean): TemplateResult => html`
      <button type="button" class=${name} aria-label=${t(`player.${name}`)} title=${t(`player.${name}`)} aria-disabled=${off}
        @click=${() => this.#to(to)}><svg viewBox="0 0 16 16" aria-hidden="true">${SIGNS[name]}</svg></button>
    `; // prettier-ignore
    return html`
      <div class="player" role="group" aria-label=${t("player.label")}>
        ${button("first", 1, step <= 1)} ${button("back", step - 1, step <= 1)}
        <button type="button" class="primary play" @click=${() => (this.playing ? this.pause() : this.play())}>
          ${this.playing ? t("player.pause") : t("player.play")}
        </button>
        ${button("next", step + 1, step >= steps)} ${button("last", steps, step >= steps)}
        <input
          type="range"
          min="1"
          max=${steps}
          step="1"
          .value=${String(step)}
          aria-label=${t("player.label")}
          aria-valuetext=${label === undefined ? text : `${text}, ${label}`}
          @input=${(event: Event) => this.#to(Number((event.target as HTMLInputElement).value))}
        />
        <output>${text}${label === undefined ? "" : html`<br /><span class="soft">${label}</span>`}</output>
        <label
          ><span>${t("player.speed")}</span>
          <select @change=${(event: Event) => this.#setSpeed(event)}>
            ${SPEEDS.map((speed) => html`<option value=${speed} ?selected=${speed === this.#speed}>${speed}×</option>`)}
          </select>
        </label>
      </div>
    `;
  }
}
