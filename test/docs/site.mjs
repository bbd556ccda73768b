// The built site of the documentation (`npm run docs:site` first), served on 127.0.0.1 and opened in headless Chromium: every link of
// every page leads somewhere, nothing is asked of another host, no page is wider than a phone, the search finds in both languages.
// `npm run test:docs-site -- --screenshots DIR` also takes pictures. The last line is "N passed, N failed".
import { createReadStream, existsSync, mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const site = fileURLToPath(new URL("../../out/site", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json" };
const shots = process.argv[process.argv.indexOf("--screenshots") + 1];
const folder = process.argv.includes("--screenshots") ? shots : undefined;

let passed = 0;
let failed = 0;
function check(title, problems) {
  if (problems.length === 0) passed++;
  else failed++;
  console.log(`${problems.length === 0 ? "ok  " : "FAIL"} ${title}`);
  for (const problem of problems.slice(0, 20)) console.log(`     ${problem}`);
}

/** Links of a page that lead to no file of the site. */
function deadLinks(name) {
  const page = readFileSync(join(site, name), "utf8").replace(/<(script|pre)\b[\s\S]*?<\/\1>/g, "");
  const targets = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, target]) => target.replace(/&amp;/g, "&"));
  return targets
    .filter((target) => !/^([a-z]+:|#)/i.test(target))
    .map((target) => decodeURI(target.split(/[#?]/)[0]))
    .map((target) => (target.startsWith("/") ? target.slice(1) : posix.join(posix.dirname(name), target)))
    .map((target) => (target === "" || target.endsWith("/") ? `${target}index.html` : target))
    .filter((target) => !existsSync(join(site, target)) && !existsSync(join(site, `${target}.html`)))
    .map((target) => `${name} -> ${target}`);
}

function serve() {
  const server = createServer((request, response) => {
    const path = decodeURI(new URL(request.url, "http://127.0.0.1").pathname);
    const file = [path, `${path}.html`, `${path}index.html`].map((name) => join(site, name)).find((name) => existsSync(name) && statSync(name).isFile());
    if (file === undefined) response.writeHead(404).end();
    else {
      response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
      createReadStream(file).pipe(response);
    }
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

const pages = readdirSync(site, { recursive: true }).map((name) => name.replace(/\\/g, "/")).filter((name) => name.endsWith(".html"));
const guides = pages.filter((name) => !/^(api|source|404)/.test(name));
check(`${guides.length} pages of guides: every link leads somewhere`, guides.flatMap(deadLinks));
const sources = pages.filter((name) => name.startsWith("source/"));
check(`${sources.length} pages of source: every link leads somewhere`, sources.flatMap(deadLinks));
const api = pages.filter((name) => name.startsWith("api/"));
check(`${api.length} pages of the API: every link leads somewhere`, api.flatMap(deadLinks));

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (executablePath !== undefined) {
  const server = await serve();
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"] });
  for (const [device, viewport] of [["desktop", { width: 1440, height: 900 }], ["phone", { width: 360, height: 740 }]]) {
    for (const colorScheme of ["light", "dark"]) {
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce" });
      const page = await context.newPage();
      const problems = [];
      page.on("console", (message) => message.type() === "error" && problems.push(`${page.url()}: ${message.text()}`));
      page.on("pageerror", (error) => problems.push(`${page.url()}: ${error}`));
      page.on("request", (request) => {
        if (!request.url().startsWith(origin) && !/^(data|blob):/.test(request.url())) problems.push(`asks ${request.url()}`);
      });
      for (const name of guides) {
        await page.goto(`${origin}/${name}`, { waitUntil: "load" });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        if (wide > 0) problems.push(`${name} is ${wide} pixels wider than the window`);
        const dark = await page.evaluate(() => document.documentElement.classList.contains("dark"));
        if (dark !== (colorScheme === "dark")) problems.push(`${name} is not ${colorScheme}`);
        // A star next to a Korean particle is no emphasis in Markdown: it would be shown.
        const stars = await page.evaluate(() => {
          const copy = document.querySelector(".vp-doc")?.cloneNode(true);
          copy?.querySelectorAll("pre, code").forEach((element) => element.remove());
          return /.{0,20}\*.{0,20}/.exec(copy?.textContent ?? "")?.[0];
        });
        if (stars !== undefined && name.startsWith("course/ko")) problems.push(`${name} shows a star: ${stars}`);
        if (folder !== undefined) {
          mkdirSync(folder, { recursive: true });
          await page.screenshot({ path: join(folder, `${device}-${colorScheme}-${name.replace(/\//g, "_")}.png`), fullPage: true });
        }
      }
      check(`${guides.length} pages, ${device}, ${colorScheme}: no errors, no other host, nothing too wide`, problems);
      await context.close();
    }
  }
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  for (const [start, words, wanted] of [
    ["/", "opener policy", /in-a-page|threads/],
    ["/course/ko/", "수용 영역", /course\/ko\/lesson-3/],
    ["/course/ko/", "교차상관", /course\/ko\/lesson-[25]/],
  ]) {
    await page.goto(origin + start, { waitUntil: "networkidle" });
    await page.keyboard.press("Control+k");
    await page.fill("#localsearch-input", words);
    const first = await page.waitForSelector(".VPLocalSearchBox .result", { timeout: 10000 }).then((found) => found.getAttribute("href"), String);
    check(`the search finds "${words}"`, wanted.test(first ?? "") ? [] : [`got ${first}`]);
  }
  await page.goto(`${origin}/course/en/lesson-1.html`, { waitUntil: "networkidle" });
  await page.click('a:has-text("nn/conv/conv2d.ts")');
  await page.waitForURL(/source\/src\/nn\/conv\/conv2d\.ts\.html/);
  check("a link to the source leads to the source", (await page.textContent("body")).includes("class Conv2d") ? [] : ["no class Conv2d"]);
  await browser.close();
  server.closeAllConnections();
  server.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
