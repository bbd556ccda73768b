// Makes the script and the styles of a training report (src/report/page) texts in a TypeScript module, which every report contains.
// `npm run build:kernels`, after the workers; the output is not committed.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = fileURLToPath(new URL("../src/report/page/", import.meta.url));
const common = { bundle: true, write: false, minify: true, charset: "utf8", logLevel: "error" };

async function textOf(name, options) {
  const { outputFiles } = await build({ entryPoints: [folder + name], ...common, ...options });
  const text = outputFiles[0].text.trim();
  if (/<\/(script|style)|<!--/i.test(text)) throw new Error(`${name} would end the element that it stands in`);
  return text;
}

const script = await textOf("page.ts", { format: "iife", target: "es2022" });
const style = await textOf("page.css", { target: ["chrome123", "firefox120", "safari17.5"] });
const content =
  `// Made by scripts/build-page.mjs from page.ts and page.css.\n` +
  `export const PAGE_SCRIPT: string =\n  ${JSON.stringify(script)};\n` +
  `export const PAGE_STYLE: string =\n  ${JSON.stringify(style)};\n`;
const path = `${folder}page.generated.ts`;
if (!existsSync(path) || readFileSync(path, "utf8") !== content) writeFileSync(path, content);
