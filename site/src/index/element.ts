// <handgrad-index>: the start page, a list of the others.
import { html, type TemplateResult } from "lit";
import { PAGES } from "../frame.js";
import { lang, t } from "../i18n/i18n.js";
import { define, PageElement } from "../lib/element.js";

class IndexElement extends PageElement {
  protected override restore(): void {
    this.requestUpdate();
  }

  override render(): TemplateResult {
    const asked = new URLSearchParams(location.search).has("lang") ? `?lang=${lang()}` : "";
    return html`
      <div class="page" lang=${lang()}>
        <div class="intro">
          <h1>${t("site.title")}</h1>
          <p>${t("index.lead")}</p>
        </div>
        <ol class="contents">
          ${PAGES.map(
            (page, n) => html`
              <li>
                <a href="./${page}.html${asked}">
                  <span class="number" aria-hidden="true">${n + 1}</span>
                  <h2>${t(`page.${page}.title`)}</h2>
                  <span class="soft">${t(`page.${page}.lead`)}</span>
                </a>
              </li>
            `,
          )}
        </ol>
      </div>
    `;
  }
}

define("handgrad-index", IndexElement);
