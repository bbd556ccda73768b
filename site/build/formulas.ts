// A Vite plugin: the formulas of src/formulas.json as MathML, set by KaTeX when the site is built. Browsers draw MathML.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import katex from "katex";
import type { Plugin } from "vite";

const NAME = "virtual:formulas";
const source = fileURLToPath(new URL("../src/formulas.json", import.meta.url));

/** Every formula as a math element. */
export function readFormulas(): Record<string, string> {
  const formulas = JSON.parse(readFileSync(source, "utf8")) as Record<string, string>;
  return Object.fromEntries(Object.entries(formulas).map(([name, tex]) => [name, toMathMl(tex)]));
}

function toMathMl(tex: string): string {
  const html = katex.renderToString(tex, { output: "mathml", displayMode: true, throwOnError: true, strict: "error" });
  const math = /<math[^]*<\/math>/.exec(html)?.[0];
  if (math === undefined || /style=/.test(math)) throw new Error(`formulas.json: ${tex} needs a style attribute.`);
  return math;
}

export function formulas(): Plugin {
  return {
    name: "handgrad-formulas",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load(id) {
      if (id !== `\0${NAME}`) return undefined;
      this.addWatchFile(source);
      return `export default ${JSON.stringify(readFormulas())};`;
    },
  };
}
