// Runs the app on a page, sends what came of it to the test, and goes on to the page that the test names.
import { answer } from "./answer.mjs";

let violations = 0;
addEventListener("securitypolicyviolation", () => violations++);
const { searchParams } = new URL(location.href);

async function tell(result) {
  const body = JSON.stringify({ ...result, violations, isolated: crossOriginIsolated });
  const response = await fetch(searchParams.get("tell"), { method: "POST", body });
  location.replace(await response.text());
}

answer().then(tell, (error) => tell({ error: String(error) }));
