// <handgrad-frame>: the head and foot of our own pages: name, menu, language. Not part of what others embed.
import { html, type TemplateResult } from "lit";
import { lang, setLang, t, type Lang } from "./i18n/i18n.js";
import { define, PageElement } from "./lib/element.js";

export const PAGES = ["step", "train", "filters", "activations", "count", "descend", "norm"] as const;
export type PageName = (typeof PAGES)[number];

class Frame extends PageElement {
  static override readonly properties = { name: { type: String } };
  declare name: PageName | "index";

  override connectedCallback(): void {
    const asked = new URLSearchParams(location.search).get("lang");
    if (asked === "en" || asked === "ko") setLang(asked);
    super.connectedCallback();
  }

  protected override restore(): void {
    this.requestUpdate();
  }

  override render(): TemplateResult {
    document.documentElement.lang = lang();
    document.title = this.name === "index" ? t("site.title") : `${t(`page.${this.name}.title`)} · handgrad`;
    return html`
      <header class="site-head">
        <button type="button" class="skip" @click=${this.#skip}>${t("site.skip")}</button>
        <a class="wordmark" href=${this.#link("index")} aria-label=${t("site.home")}>handgrad</a>
        <nav aria-label=${t("site.menu")}>
          ${PAGES.map(
            (page) =>
              html`<a href=${this.#link(page)} aria-current=${page === this.name ? "page" : "false"}>
                ${t(`page.${page}.title`)}
              </a>`,
          )}
        </nav>
        <div class="languages" role="group" aria-label=${t("site.language")}>
          ${(["en", "ko"] as const).map(
            (one) =>
              html`<button type="button" lang=${one} aria-pressed=${lang() === one} @click=${() => this.#choose(one)}>
                ${one === "en" ? "English" : "한국어"}
              </button>`,
          )}
        </div>
      </header>
      <main tabindex="-1"><slot></slot></main>
      <footer class="site-foot"><p>${t("site.foot")}</p></footer>
    `;
  }

  #link(page: string): string {
    const asked = new URLSearchParams(location.search).has("lang");
    return `./${page === "index" ? "index" : page}.html${asked ? `?lang=${lang()}` : ""}`;
  }

  #choose(next: Lang): void {
    const q = new URLSearchParams(location.search);
    q.set("lang", next);
    const text = q.toString().replace(/%2C/g, ",").replace(/%3B/g, ";").replace(/%7C/g, "|").replace(/%3A/g, ":");
    history.replaceState(null, "", `${location.pathname}?${text}`);
    setLang(next);
    this.requestUpdate();
  }

  #skip(): void {
    this.shadowRoot?.querySelector<HTMLElement>("main")?.focus();
  }
}

define("handgrad-frame", Frame);
