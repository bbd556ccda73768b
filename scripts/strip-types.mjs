// Takes the package's own members out of the published types: those whose names are symbols of src/nn/protocol.ts, and those
// marked as internal. `npm run build` runs it on dist/*.d.ts and *.d.cts.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const dist = fileURLToPath(new URL("../dist", import.meta.url));

// Text ranges of members to take out, their comments included.
function hidden(path, text) {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const ranges = [];
  const visit = (node) => {
    if (ts.isClassElement(node) || ts.isTypeElement(node)) {
      const { name } = node;
      const isSymbol = name !== undefined && ts.isComputedPropertyName(name) && ts.isIdentifier(name.expression);
      const comments = ts.getLeadingCommentRanges(text, node.pos) ?? [];
      const isInternal = comments.some(({ pos, end }) => /@internal\b/.test(text.slice(pos, end)));
      if (isSymbol || isInternal) {
        ranges.push([node.pos, node.end]);
        return;
      }
    }
    node.forEachChild(visit);
  };
  visit(file);
  return ranges;
}

for (const name of readdirSync(dist)) {
  if (!/\.d\.c?ts$/.test(name)) continue;
  const path = `${dist}/${name}`;
  let text = readFileSync(path, "utf8");
  for (const [start, end] of hidden(path, text).reverse()) text = text.slice(0, start) + text.slice(end);
  writeFileSync(path, text);
}
