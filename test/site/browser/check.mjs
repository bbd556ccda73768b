// The built site in headless Chromium, behind its strict headers. `npm run test:site` (after `npm run site`); with --short the
// first page in full and a look at each of the others. The last line is "N passed, N failed".
import { axe, open, overflow, start } from "./chromium.mjs";
import { check, equal, failed, passed } from "./counting.mjs";
import { memory } from "./memory.mjs";
import { step } from "./step.mjs";
import { EMBEDDING, activations, count, descend, embedded, filters, norm, withoutWorkers } from "./others.mjs";
import { train } from "./train.mjs";

const short = process.argv.includes("--short");
const PAGES = ["index", "step", "train", "filters", "activations", "count", "descend", "norm"];
const PARTS = { step, train, filters, activations, count, descend, norm, embedded, withoutWorkers, memory };

// What holds for every page: no trouble, fits a small phone, nothing for axe-core to find, in any light and language.
async function every(site, name) {
  const views = [
    { lang: "en", size: [1280, 900], colorScheme: "light" },
    { lang: "ko", size: [360, 740], colorScheme: "dark" },
    { lang: "en", size: [320, 640], colorScheme: "dark" },
    { lang: "ko", size: [1280, 900], colorScheme: "light" },
  ];
  for (const { lang, ...view } of short ? views.slice(1, 2) : views) {
    const title = `${name}, ${lang}, ${view.size[0]} wide, ${view.colorScheme}`;
    const { page, troubles, close } = await open(site, `${name}.html?lang=${lang}`, {
      ...view,
      reducedMotion: "reduce",
    });
    await page.waitForTimeout(300);
    equal(`${title}: not wider than its window`, await overflow(page), 0);
    equal(`${title}: nothing went wrong`, troubles, []);
    await close();
    equal(`${title}: axe-core finds nothing`, await axe(site, `${name}.html?lang=${lang}`, view), []);
  }
}

const site = await start({ "/embedding": EMBEDDING });
try {
  const only = process.argv.slice(2).filter((word) => word in PARTS || PAGES.includes(word));
  for (const name of only.length > 0 ? only : [...PAGES, "embedded", "withoutWorkers", "memory"]) {
    if (PAGES.includes(name)) await every(site, name);
    if (name in PARTS && (!short || name === "step")) await PARTS[name](site);
  }
} catch (error) {
  check(`the run came to its end: ${error.stack}`, false);
} finally {
  await site.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
