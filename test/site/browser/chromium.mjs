// What the tests of the pages have in common: headless Chromium, the site behind its strict headers, and an eye on the console, on failed requests and on requests that would leave the machine.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { serve } from "../../../site/serve.mjs";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Starts the browser and the server. `extra` are pages of the test, by path. */
export async function start(extra = {}) {
  if (executablePath === undefined) throw new Error("no Chromium is installed here (Debian: apt-get install chromium)");
  const server = await serve(0, extra);
  const browser = await chromium.launch({
    executablePath,
    args: [
      ...flags,
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
    ],
  });
  const stop = async () => {
    await browser.close();
    server.close();
  };
  return { browser, origin: server.origin, stop };
}

/** A page of the site in a context of its own; what goes wrong in it is collected in `troubles`. */
export async function open({ browser, origin }, path, { size = [1280, 900], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: size[0], height: size[1] }, ...options });
  const page = await context.newPage();
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(`error: ${error.stack ?? error}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) troubles.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("blob:")) troubles.push(`request to ${url}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) troubles.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(`${origin}/${path}`);
  await page.waitForFunction(
    () => document.querySelector("handgrad-frame > *")?.shadowRoot?.querySelector("h1") !== null,
  );
  return { page, troubles, close: () => context.close() };
}

/** The numbers of a grid, row by row, as they are shown. */
export function numbers(page, selector) {
  return page.locator(selector).first().evaluate((table) =>
    [...table.tBodies[0].rows].map((row) =>
      [...row.cells].filter((cell) => cell.tagName === "TD").map((cell) => cell.firstChild?.nextSibling?.textContent ?? cell.textContent),
    ),
  ); // prettier-ignore
}

/** Cells of a grid that carry a mark, as [row, column]. */
export function marked(page, selector, mark) {
  return page.locator(selector).first().evaluate(
    (table, name) =>
      [...table.tBodies[0].rows].flatMap((row, i) =>
        [...row.cells].filter((cell) => cell.tagName === "TD").flatMap((cell, j) => (cell.classList.contains(name) ? [[i, j]] : [])),
      ),
    mark,
  ); // prettier-ignore
}

/** axe-core's findings on a page, in a context that lets it in. */
export async function axe(site, path, options = {}) {
  const { page, close } = await open(site, path, { ...options, bypassCSP: true });
  await options.prepare?.(page);
  await page.waitForTimeout(200);
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  await close();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`).join(" | ")}`); // prettier-ignore
}

/** How far a page is wider than its window, in pixels. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
