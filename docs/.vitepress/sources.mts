// The source on the site: every file that pages point to, highlighted, with an anchor for each line; and links of Markdown
// pages and of TypeDoc's that lead there. In the repository the same links lead to the files themselves.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createHighlighter } from "shiki";

const root = fileURLToPath(new URL("../..", import.meta.url));
const docs = join(root, "docs");
const FOLDERS = ["src", "examples", "course", "test", "scripts"];
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ ts: "typescript", mts: "typescript", mjs: "javascript", js: "javascript", json: "json", sh: "bash", md: "markdown", py: "python" },
};

const languageOf = (path: string): string | undefined => LANGUAGES[path.slice(path.lastIndexOf(".") + 1)];
const escape = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** Where a link of the page `page` (below docs/) leads on the site, if it leaves docs/; else undefined. */
export function sourceAddress(page: string, href: string): string | undefined {
  if (/^([a-z]+:|\/|#)/i.test(href)) return undefined;
  const [target, anchor] = href.split("#");
  const path = relative(root, resolve(docs, dirname(page), decodeURI(target))).replace(/\\/g, "/");
  if (path.startsWith("docs/") || path.startsWith("..")) return undefined;
  const folder = existsSync(join(root, path)) && statSync(join(root, path)).isDirectory();
  return `source/${path}${folder ? "/index" : ""}.html${anchor === undefined ? "" : `#${anchor}`}`;
}

const STYLE = `
:root{color-scheme:light dark;--line:#8a8a94}body{margin:0;font:14px/1.55 ui-monospace,Menlo,Consolas,monospace;background:#fff;color:#1c1c22}
header{padding:12px 20px;border-bottom:1px solid #d0d0d8;font-family:system-ui,sans-serif}a{color:#2a5db0}
pre{margin:0;padding:16px 0;overflow-x:auto;background:none!important}.line{padding-left:12px}.line::before{content:attr(data-n);display:inline-block;
width:3.2em;margin-right:1.4em;text-align:right;color:var(--line)}.line:target{background:#fff3bf}ul{padding:16px 40px;columns:auto 18em}
@media (prefers-color-scheme:dark){body{background:#1b1b1f;color:#e4e4ea}header{border-color:#3a3a42}a{color:#8ab4ff}
.shiki,.shiki span{color:var(--shiki-dark)!important}.line:target{background:#4a4320}}`;

/** Writes a page for each source file and an index for each folder into `out`/source. */
export async function writeSources(out: string): Promise<number> {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name.replace(/\\/g, "/")}`),
  )
    .concat("README.md", "CHANGELOG.md", "LICENSE", "package.json")
    .filter((path) => statSync(join(root, path)).isFile() && !path.includes(".generated.") && !/\/fixtures\/.*\.json$/.test(path));
  const shown = files.filter((path) => languageOf(path) !== undefined || path === "LICENSE");
  const themes = { light: "github-light", dark: "github-dark" } as const;
  const highlighter = await createHighlighter({ themes: Object.values(themes), langs: [...new Set(Object.values(LANGUAGES))] });
  for (const path of shown) {
    const code = readFileSync(join(root, path), "utf8");
    const body = highlighter.codeToHtml(code.replace(/\n$/, ""), {
      lang: languageOf(path) ?? "text",
      themes,
      transformers: [
        {
          line(node, line) {
            node.properties.id = `L${line}`;
            node.properties["data-n"] = String(line);
          },
        },
      ],
    });
    writePage(out, path, body);
  }
  const folders = new Set(shown.flatMap((path) => ancestors(path)));
  for (const folder of folders) {
    const inside = new Set(
      shown.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1).split("/")[0] + (path.slice(folder.length + 1).includes("/") ? "/" : "")),
    );
    const items = [...inside].sort().map((name) => `<li><a href="${name.endsWith("/") ? `${name}index.html` : `${name}.html`}">${escape(name)}</a></li>`);
    writePage(out, `${folder}/index`, `<ul>${items.join("\n")}</ul>`);
  }
  return shown.length;
}

function ancestors(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}

function writePage(out: string, path: string, body: string): void {
  const up = "../".repeat(path.split("/").length);
  const parts = path.replace(/\/index$/, "").split("/");
  const trail = parts.map((part, i) => (i === parts.length - 1 || i === -1 ? escape(part) : `<a href="${up}source/${parts.slice(0, i + 1).join("/")}/index.html">${escape(part)}</a>`));
  const file = join(out, "source", `${path}.html`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escape(path)} - handgrad</title><style>${STYLE}</style>
<header><a href="${up}index.html">handgrad</a> / ${trail.join(" / ")}</header>
${body}
</html>
`,
  );
}

/** Copies TypeDoc's pages to `out`/api; their links to sources and guides lead to the site's. */
export function writeApi(out: string): void {
  cpSync(join(docs, "api"), join(out, "api"), { recursive: true });
  for (const name of readdirSync(join(out, "api"), { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".html"))) {
    const file = join(out, "api", name);
    const up = "../".repeat(name.replace(/\\/g, "/").split("/").length);
    const page = readFileSync(file, "utf8")
      .replace(/<a href="[^"]*node_modules\/[^"]*">([^<]*)<\/a>/g, "$1") // types of the language: no page of ours
      .replace(/href="(?:\.\.\/)+(src\/[^"#]+\.ts)(#L\d+)?"/g, (_, path: string, line = "") => `href="${up}source/${path}.html${line}"`)
      .replace(/href="(?:\.\.\/)*media\/([\w.-]+)"/g, (all, media: string) => {
        const address = guideOf(media);
        return address === undefined ? all : `href="${up}${address}"`;
      })
      .replace(/(<a href="[^"]*" class="title">handgrad<\/a>)/, `$1 <a href="${up}index.html" class="title">guides</a>`);
    writeFileSync(file, page);
  }
}

/** The page of the site for a file that TypeDoc copied: a guide, an example or another source. */
function guideOf(media: string): string | undefined {
  for (const folder of ["", "layers/"]) {
    if (existsSync(join(docs, folder, media))) return posix.join(folder, media.replace(/\.md$/, ".html"));
  }
  for (const folder of ["examples/", "examples/images/", ""]) {
    if (existsSync(join(root, folder, media))) return `source/${folder}${media}.html`;
  }
  return undefined;
}
