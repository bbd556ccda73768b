// Formulas that KaTeX set when the site was built.
import formulas from "virtual:formulas";
import { html, type TemplateResult } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";

/** A formula of formulas.json. */
export function formula(name: string): TemplateResult {
  return html`<div class="math">${unsafeHTML(formulas[name] ?? "")}</div>`;
}
