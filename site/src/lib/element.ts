// What all elements of the pages have in common: one style sheet, the language, and a state that may live in the page's URL.
import uPlotStyles from "uplot/dist/uPlot.min.css?inline";
import { LitElement, unsafeCSS } from "lit";
import { setLang, Translated } from "../i18n/i18n.js";
import styles from "../styles.css?inline";

const sheets = [unsafeCSS(uPlotStyles), unsafeCSS(styles)];

/**
 * An element of a page. Attributes: `lang` ("en" or "ko") and `state` (a query as in the page's address) for an element that
 * is embedded elsewhere; `page` on our own pages, where the state is the address itself.
 */
export abstract class PageElement extends LitElement {
  static override readonly styles = sheets;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pending: (() => void) | undefined;

  constructor() {
    super();
    new Translated(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const wanted = this.closest("[lang]")?.getAttribute("lang");
    if (!this.hasAttribute("page") && (wanted === "en" || wanted === "ko")) setLang(wanted);
    window.addEventListener("popstate", this.#onPop);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener("popstate", this.#onPop);
  }

  readonly #onPop = (): void => this.restore();

  /** Reads the state anew from where it is kept. */
  protected abstract restore(): void;

  /** The query that holds the state, without the question mark. */
  protected get query(): string {
    return this.hasAttribute("page") ? location.search.slice(1) : (this.getAttribute("state") ?? "");
  }

  /** Keeps a state: in the address of our own page, and as an event "statechange" for a page that embeds the element. */
  protected keep(query: string): void {
    this.dispatchEvent(new CustomEvent("statechange", { detail: query, bubbles: true, composed: true }));
    if (!this.hasAttribute("page")) return;
    this.#pending = () => {
      const language = new URLSearchParams(location.search).get("lang");
      const all = [query, language === null ? "" : `lang=${language}`].filter((part) => part !== "").join("&");
      history.replaceState(null, "", `${location.pathname}${all === "" ? "" : "?"}${all}`);
    };
    // Browsers allow about a hundred changes of the address in half a minute.
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#pending?.();
    }, 250);
  }
}

/** Defines an element unless its name is taken: two pages' scripts may both bring it. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
