// The document of a report: policy, styles, script, head and foot around its sections.
import { markup, Html } from "./html.js";
import { PAGE_SCRIPT, PAGE_STYLE } from "./page/page.generated.js";
import { policyOf } from "./policy.js";

/** A section with its heading. */
export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Html | readonly Html[];
}

/** The whole document. */
export async function documentOf(
  who: string,
  title: string,
  lead: Html,
  sections: readonly Section[],
  foot: Html,
  rest: readonly Html[],
): Promise<string> {
  const policy = await policyOf(who, PAGE_SCRIPT, PAGE_STYLE);
  const links = sections.map(({ id, title: words }) => markup`<li><a href="#${id}">${words}</a></li>`);
  const { text } = markup`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8"/>
        <meta http-equiv="Content-Security-Policy" content="${policy}"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <meta name="color-scheme" content="light dark"/>
        <meta name="referrer" content="no-referrer"/>
        <link rel="icon" href="data:,"/>
        <title>${title}</title>
        <style>${new Html(PAGE_STYLE)}</style>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <h1>${title}</h1>
          <button type="button" id="theme" hidden="" aria-label="Change between light and dark">Dark</button>
          ${lead}
          ${links.length > 1 && markup`<nav aria-label="Parts of the report"><ul>${links}</ul></nav>`}
        </header>
        <main id="main" tabindex="-1">
          ${sections.map(
            ({ id, title: words, content }) => markup`
            <section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${words}</h2>${content}</section>
          `,
          )}
        </main>
        <footer>${foot}</footer>
        <dialog id="cell" aria-labelledby="cell-title">
          <div class="row"><h2 id="cell-title"></h2><button type="button">Close</button></div>
          <p></p>
          <div class="pictures"></div>
        </dialog>
        ${rest}
        <script>${new Html(PAGE_SCRIPT)}</script>
      </body>
    </html>
  `;
  return text;
}
