// The matrix as a Markdown table. No running here.
const BEGIN = "<!-- repro: begin, written by npm run repro -- --markdown docs/reproducibility.md -->";
const END = "<!-- repro: end -->";

/** `text` with a new table between its marks. One line for the cells of a runtime that agree, one for each that does not. */
export function writeTable(text, rows) {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from)
    throw new Error(`--markdown: expected the marks "${BEGIN}" and "${END}" in the file, got none.`);
  const lines = group(rows).map((row) => `| ${row.join(" | ")} |`);
  const head = [
    "| runtime | version | processor | | threads | digest, or why there is none |",
    "|---|---|---|---|---|---|",
  ];
  return `${text.slice(0, from)}${BEGIN}\n${[...head, ...lines].join("\n")}\n${text.slice(to)}`;
}

function group(rows) {
  const groups = new Map();
  for (const { runtime, version, arch, note, threads, digest, problems } of rows) {
    const result = problems.length > 0 ? problems[0] : threads === "reference" ? "" : `\`${digest.slice(0, 16)}\``;
    const key = [runtime, version, arch, note, result || "reference"].join("|");
    const about = [runtime, version, arch, note];
    if (!groups.has(key)) groups.set(key, { about, threads: [], result });
    groups.get(key).threads.push(threads);
  }
  // The reference backend is worth a line only where it fails.
  return [...groups.values()]
    .filter(({ result }) => result !== "")
    .map(({ about, threads, result }) => [...about, threads.join(", "), result]);
}
