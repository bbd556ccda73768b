// What the pages of server.mjs run: a cell for each number of threads in the address (?threads=1,2). Results go back to
// the server, and stay on the page for who drives it.
import { cell } from "./cell.mjs";

const { searchParams } = new URL(location.href);

globalThis.results = [];
async function tell(result) {
  globalThis.results.push(result);
  await fetch(`/result?run=${searchParams.get("run")}`, { method: "POST", body: JSON.stringify(result) });
}

addEventListener("error", (event) => tell({ error: String(event.error ?? event.message) }));
addEventListener("unhandledrejection", (event) => tell({ error: String(event.reason) }));
for (const count of searchParams.get("threads").split(",").map(Number)) {
  await tell({ ...(await cell(count)), isolated: crossOriginIsolated });
}
