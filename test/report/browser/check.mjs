// Reports in headless Chromium, opened as files, as a user opens them: under their own policy, offline, in light and dark, on a phone, by
// keyboard, read by axe-core. `npm run test:report`; with --short one view. The last line is "N passed, N failed".
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { check, equal, failed, passed } from "../../site/browser/counting.mjs";
import { makeReports } from "./reports.mjs";

const short = process.argv.includes("--short");
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (executablePath === undefined) throw new Error("no Chromium is installed here (Debian: apt-get install chromium)");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "handgrad-report-"));
const reports = await makeReports();
for (const [name, page] of Object.entries(reports)) writeFileSync(join(folder, `${name}.html`), page);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"] });

async function open(name, { size = [1280, 900], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: size[0], height: size[1] }, ...options });
  const page = await context.newPage();
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(`error: ${error.stack ?? error}`));
  page.on("console", (message) => troubles.push(`console: ${message.text()}`)); // a break of the policy is told here
  page.on("request", (request) => {
    if (!/^(file|data):/.test(request.url())) troubles.push(`request to ${request.url()}`);
  });
  await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
  return { page, troubles, close: () => context.close() };
}

const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

async function axe(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`).join(" | ")}`); // prettier-ignore
}

// What holds in every view: as it is opened, and with all that can be opened.
async function everyView(name, view) {
  const title = `${name}, ${view.size[0]} wide, ${view.colorScheme}`;
  const { page, troubles, close } = await open(name, { ...view, reducedMotion: "reduce" });
  equal(`${title}: not wider than its window`, await overflow(page), 0);
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  equal(`${title}: not wider with its tables`, await overflow(page), 0);
  equal(`${title}: nothing went wrong`, troubles, []);
  await close();
  // axe-core is a script that the policy would not run.
  const free = await open(name, { ...view, bypassCSP: true });
  equal(`${title}: axe-core finds nothing`, await axe(free.page), []);
  await free.page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
  equal(`${title}: axe-core finds nothing in its tables`, await axe(free.page), []);
  const cell = free.page.locator("td button:not([aria-disabled=true])").first();
  if ((await cell.count()) > 0) {
    await cell.click();
    equal(`${title}: axe-core finds nothing in an open cell`, await axe(free.page), []);
    equal(`${title}: an open cell is not wider than the window`, await overflow(free.page), 0);
  }
  await free.close();
}

async function cellsAndSlider() {
  const { page, troubles, close } = await open("one");
  const matrix = page.locator("#r0matrix");
  const cells = () => matrix.locator("table.cells td[title] button").allTextContents();
  const last = await cells();
  const slider = matrix.getByRole("slider", { name: "Epoch" });
  await slider.focus();
  await page.keyboard.press("Home");
  equal("the slider says where it is", await slider.getAttribute("aria-valuetext"), "after epoch 1");
  equal("and beside it", await matrix.locator("output").textContent(), "after epoch 1");
  const first = await cells();
  check("the first epoch has other counts than the last", first.join() !== last.join(), first);
  equal("no sample is lost", first.reduce((a, b) => a + Number(b), 0), last.reduce((a, b) => a + Number(b), 0)); // prettier-ignore
  const rights = first.filter((_, i) => i % 11 === 0).reduce((a, b) => a + Number(b), 0);
  check(
    "the sentence tells the epoch's",
    (await matrix.locator(".sentence").textContent()).startsWith(`${rights} of `),
    rights,
  );
  check("the curves mark the epoch", (await page.locator("line.at:not([hidden])").count()) >= 2);
  await page.keyboard.press("End");
  equal("and back", await cells(), last);
  equal("the end is no epoch", await page.locator("line.at:not([hidden])").count(), 0);

  // By keyboard: one stop for Tab, arrows from cell to cell, Enter opens, Escape closes and comes back.
  equal("one cell takes part in Tab's round", await matrix.locator("td button[tabindex='0']").count(), 1);
  await matrix.locator("td button[tabindex='0']").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowRight");
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  check(
    "arrows move to the second of the diagonal",
    /^one recognized \d+ times?$/.test(await focused()),
    await focused(),
  );
  const label = await focused();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  equal("Enter opens the cell, which has a name", await dialog.getByRole("heading").textContent(), label);
  const shown = await dialog.getByRole("img").count();
  check("with pictures", shown > 0, shown);
  check("and says how many of how many", (await dialog.locator("p").textContent()).includes(`${shown} of `));
  const name = await dialog.getByRole("img").first().getAttribute("aria-label");
  check("each of them told", /^one: sample \d+, [\d.]+ % sure of one at the end$/.test(name), name);
  await page.keyboard.press("Escape");
  equal("Escape closes it", await dialog.count(), 0);
  equal("and the cell has the focus again", await focused(), label);
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  check("arrows stay inside", /^one taken for zero/.test(await focused()), await focused());

  // Where the cell is empty nothing opens.
  await matrix.locator("td button[aria-disabled=true]").first().dispatchEvent("click");
  equal("an empty cell does not open", await dialog.count(), 0);
  equal("nothing went wrong with all that", troubles, []);
  await close();
}

// A picture is drawn from its symbol: pixels that differ, in a place that would be empty else.
async function pictures() {
  const { page, close } = await open("one");
  const image = page.locator(".pictures svg").first();
  await image.scrollIntoViewIfNeeded();
  const bytes = await image.screenshot();
  const { decode } = await import("fast-png");
  const { data } = decode(bytes);
  check("pictures are drawn", new Set(data).size > 20, new Set(data).size);
  equal("and are images for a screen reader, with words", await image.getAttribute("role"), "img");
  await close();
}

async function theme() {
  const { page, troubles, close } = await open("one", { colorScheme: "dark" });
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  equal("dark as the system is", await ground(), "rgb(20, 23, 28)");
  await page.getByRole("button", { name: "Change between light and dark" }).click();
  equal("light by the button", await ground(), "rgb(250, 248, 243)");
  await page.emulateMedia({ media: "print" });
  equal("paper is light", await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "light");
  equal("nothing went wrong there", troubles, []);
  await close();
}

// The policy is what keeps a script of a hostile text out, should escaping ever fail: shown with one that was planted.
async function policy() {
  const planted = reports.one.replace(
    "<footer>",
    "<script>document.title = 'broken in'</script><img src='https://example.com/x.png'><footer>",
  );
  writeFileSync(join(folder, "planted.html"), planted);
  const { page, troubles, close } = await open("planted");
  check("a planted script does not run", (await page.title()) !== "broken in");
  equal("and is told, as is the planted image", troubles.filter((text) => text.includes("Content Security Policy")).length, 2); // prettier-ignore
  await close();
}

// Without its script a report still shows everything but the cells' pictures.
async function withoutScript() {
  const { page, close } = await open("one", { javaScriptEnabled: false });
  equal("without a script there is no slider", await page.locator("input").isVisible(), false);
  check("but the matrix", (await page.locator("table.cells td[title]").count()) === 100);
  equal("and the mistakes", await page.locator("main .pictures figure").first().isVisible(), true);
  await close();
}

try {
  const views = [
    { size: [1280, 900], colorScheme: "light" },
    { size: [320, 640], colorScheme: "dark" },
    { size: [1280, 900], colorScheme: "dark" },
    { size: [320, 640], colorScheme: "light" },
    { size: [768, 1024], colorScheme: "light" },
  ];
  for (const name of Object.keys(reports)) {
    for (const view of short ? views.slice(1, 2) : views) await everyView(name, view);
  }
  for (const part of [cellsAndSlider, pictures, theme, policy, withoutScript]) await part();
} catch (error) {
  check(`the run came to its end: ${error.stack}`, false);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
