// The one sentence that says what a page or a chart shows. Screen readers read it out when it changes.
import { html, type TemplateResult } from "lit";

/** While something plays it is shown but not read out: a reader could not keep up. */
export function spoken(sentence: string, quiet = false, name = "spoken"): TemplateResult {
  return html`<p class="spoken ${name}" role="status" aria-live=${quiet ? "off" : "polite"}>${sentence}</p>`;
}
