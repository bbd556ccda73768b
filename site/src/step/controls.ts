// The settings of the layer: sizes, stride, padding and the rest, as labelled fields.
import { html, type TemplateResult } from "lit";
import { t, type Key } from "../i18n/i18n.js";
import type { Mode, Op, Sides } from "../math/geometry.js";
import { LIMITS, type StepState } from "./state.js";

export type Change = (part: Partial<StepState>) => void;

/** All fields. `change` is given what was changed. */
export function drawControls(s: StepState, change: Change): TemplateResult {
  const conv = s.op === "conv";
  const field = (label: string, value: number, least: number, most: number, set: (value: number) => void): TemplateResult =>
    html`<label>${label}
      <input type="number" min=${least} max=${most} step="1" .value=${String(value)}
        @change=${(event: Event) => {
          const input = event.target as HTMLInputElement;
          const next = Math.round(Number(input.value));
          if (input.value === "" || !Number.isFinite(next)) input.value = String(value);
          else set(Math.max(least, Math.min(most, next)));
        }} /></label>`; // prettier-ignore
  const pair = (title: Key, name: "stride" | "dilation" | "kernel", most: number): TemplateResult => html`
    <fieldset>
      <legend>${t(title)}</legend>
      ${field(t(name === "kernel" ? "common.rows" : "step.vertical"), s[name][0], 1, most, (v) => change({ [name]: [v, s[name][1]] }))}
      ${field(t(name === "kernel" ? "common.columns" : "step.horizontal"), s[name][1], 1, most, (v) => change({ [name]: [s[name][0], v] }))}
      ${
        name === "kernel" && conv
          ? html`
              ${field(t("step.outputs"), s.O, 1, LIMITS.channels, (O) => change({ O }))}
              ${field(t("step.groups"), s.groups, 1, LIMITS.channels, (groups) => change({ groups }))}
            `
          : ""
      }
    </fieldset>
  `; // prettier-ignore
  const side = (title: Key, n: number): TemplateResult =>
    field(t(title), s.padding[n], 0, LIMITS.padding, (v) => {
      const padding = s.padding.map((old, m) => (m === n || (!conv && m === n + 1) ? v : old)) as unknown as Sides;
      change({ padding });
    });
  return html`
    <fieldset>
      <legend>${t("step.layer")}</legend>
      <span class="segments">
        ${(["conv", "max", "avg"] as const).map(
          (op: Op) => html`<button type="button" aria-pressed=${s.op === op} data-op=${op} @click=${() => change({ op })}>
            ${t(`step.op.${op}`)}
          </button>`,
        )}
      </span>
    </fieldset>
    <fieldset>
      <legend>${t("step.size")}</legend>
      ${field(t("common.channels"), s.C, 1, LIMITS.channels, (C) => change({ C }))}
      ${field(t("common.rows"), s.H, 1, LIMITS.size, (H) => change({ H }))}
      ${field(t("common.columns"), s.W, 1, LIMITS.size, (W) => change({ W }))}
    </fieldset>
    ${pair("step.kernel", "kernel", LIMITS.kernel)} ${pair("step.stride", "stride", LIMITS.stride)}
    ${s.op === "avg" ? "" : pair("step.dilation", "dilation", LIMITS.dilation)}
    <fieldset>
      <legend>${t("step.padding")}</legend>
      ${conv ? html`${side("step.top", 0)} ${side("step.bottom", 1)} ${side("step.left", 2)} ${side("step.right", 3)}` : ""}
      ${conv ? "" : html`${side("step.vertical", 0)} ${side("step.horizontal", 2)}`}
    </fieldset>
    ${conv ? drawConvolutionOnly(s, change) : ""}
  `; // prettier-ignore
}

function drawConvolutionOnly(s: StepState, change: Change): TemplateResult {
  const modes: readonly Mode[] = ["zeros", "circular", "reflect", "replicate"];
  return html`
    <fieldset>
      <legend>${t("step.mode")}</legend>
      <select
        aria-label=${t("step.mode")}
        @change=${(event: Event) => change({ mode: (event.target as HTMLSelectElement).value as Mode })}
      >
        ${modes.map((mode) => html`<option value=${mode} ?selected=${mode === s.mode}>${t(`step.mode.${mode}`)}</option>`)}
      </select>
    </fieldset>
    <fieldset>
      <legend>${t("step.bias")}</legend>
      ${s.b.map(
        (value, o) => html`
          <input type="number" step="any" .value=${String(value)} aria-label="${t("step.bias")} ${o}"
            @change=${(event: Event) => {
              const next = (event.target as HTMLInputElement).valueAsNumber;
              change({ b: s.b.map((old, n) => (n === o ? (Number.isFinite(next) ? next : 0) : old)) });
            }} />
        `,
      )}
      <label>
        <input type="checkbox" .checked=${s.flip} @change=${() => change({ flip: !s.flip })} />${t("step.flip")}
      </label>
    </fieldset>
  `; // prettier-ignore
}
