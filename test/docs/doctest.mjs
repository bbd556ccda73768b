// Turns code of the documentation into programs that check their own comments: `relu(x); // [0, 3]` must give [0, 3].
import { transformSync } from "esbuild";

// `expression; // [[1, 2]]: remark`, where the comment begins with a list, a number, true or false.
const CLAIM = /^(\s*)([^\s/].*?);\s*\/\/\s*(?:rank 0: )?(\[.*|-?\d.*|true\b.*|false\b.*)$/;
const STATEMENT = /^(const|let|var|for|if|return|import|export|class|throw|await setBackend)\b/;

/** The code with each claim made into a call of `claim(value, comment)`, line by line, and how many there are. */
export function withClaims(code) {
  let claims = 0;
  const lines = code.split("\n").map((line) => {
    const match = CLAIM.exec(line);
    if (match === null || STATEMENT.test(match[2]) || expected(match[3]) === undefined) return line;
    claims++;
    return `${match[1]}globalThis.claim(${match[2]}, ${JSON.stringify(match[3])});`;
  });
  return { code: lines.join("\n"), claims };
}

/** The value at the start of a comment, with the decimals that it shows; undefined if there is none. */
function expected(comment) {
  const word = /^(true|false)\b/.exec(comment);
  if (word !== null) return { value: word[1] === "true", text: word[1] };
  for (let end = comment.length; end > 0; end--) {
    const text = comment.slice(0, end);
    if (!/[\]\d]$/.test(text)) continue;
    try {
      return { value: JSON.parse(text), text };
    } catch {
      // too long, or no value at all: "[N, C, H, W]"
    }
  }
  return undefined;
}

/** An error if `value` (a tensor, list, number or boolean) is not what the comment says, within its decimals. */
export function claim(value, comment) {
  const { value: wanted, text } = expected(comment);
  const got = typeof value?.toArray === "function" ? value.toArray() : ArrayBuffer.isView(value) ? [...value] : value;
  const decimals = Math.max(0, ...[...text.matchAll(/\.(\d+)/g)].map(([, digits]) => digits.length));
  if (!agrees(got, wanted, 0.5000001 * 10 ** -decimals)) {
    throw new Error(`expected ${text}, got ${JSON.stringify(got)}`);
  }
}

function agrees(got, wanted, tolerance) {
  if (Array.isArray(wanted)) {
    return Array.isArray(got) && got.length === wanted.length && wanted.every((w, i) => agrees(got[i], w, tolerance));
  }
  if (typeof wanted === "number") return typeof got === "number" && Math.abs(got - wanted) <= tolerance;
  return got === wanted;
}

/** Plain JavaScript of a TypeScript program, as an ES module or, with its body in a function, as CommonJS. */
export function toJavaScript(code, form) {
  if (form === "esm") return transformSync(code, { loader: "ts", format: "esm" }).code;
  const imports = [...code.matchAll(/^import [^;]*;$/gm)].map(([text]) => text).join("\n");
  const values = imports.replace(/\btype \w+,? ?/g, ""); // a type has nothing to require
  const head = values.replace(/import (\{[^}]*\}|\w+) from ("[^"]+");/g, "const $1 = require($2);");
  const body = code.replace(/^import [^;]*;$/gm, "");
  return transformSync(`${head}\nmodule.exports = (async () => {\n${body}\n})();`, { loader: "ts" }).code;
}
