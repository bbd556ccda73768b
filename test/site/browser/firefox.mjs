// The built site in Firefox, behind its strict headers, driven by WebDriver BiDi. `npm run test:site:firefox` (after
// `npm run site`). The last line is "N passed, N failed".
import { serve } from "../../../site/serve.mjs";
import { Firefox, firefox } from "./bidi.mjs";
import { check, equal, failed, passed } from "./counting.mjs";

const PAGES = ["index", "step", "train", "filters", "activations", "count", "descend", "norm"];
const ARROW_RIGHT = "\uE014";
const text = (name, selector) =>
  `(document.querySelector("handgrad-${name}")?.shadowRoot?.querySelector(${JSON.stringify(selector)})?.innerText ?? "")`;
const box = (name, selector) => `document.querySelector("handgrad-${name}").shadowRoot.querySelector(${JSON.stringify(selector)}).getBoundingClientRect().toJSON()`; // prettier-ignore

async function every(browser, origin, name) {
  for (const [lang, width, height] of [["en", 1280, 900], ["ko", 360, 740]]) {
    await browser.size(width, height);
    browser.troubles = [];
    await browser.go(`${origin}/${name}.html?lang=${lang}`);
    await browser.until(`document.querySelector("handgrad-${name}")?.shadowRoot?.querySelector("h1") != null`);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const over = await browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    equal(`Firefox, ${name}, ${lang}, ${width} wide: not wider than its window`, over, 0);
    equal(`Firefox, ${name}, ${lang}: the document's language`, await browser.evaluate("document.documentElement.lang"), lang);
    equal(`Firefox, ${name}, ${lang}: nothing went wrong`, browser.troubles, []);
  }
} // prettier-ignore

async function step(browser, origin) {
  await browser.size(1280, 900);
  await browser.go(`${origin}/step.html?lang=en`);
  const wanted = ["= 10.", "= 13.", "= 19.", "= 22."];
  await browser.until(`${text("step", ".spoken.step")} !== ""`);
  // A headless window has no focus, and without it Firefox clicks no button on Enter: by mouse, then.
  const next = await browser.evaluate(box("step", "button.next"));
  for (const [n, end] of wanted.entries()) {
    const sentence = await browser.evaluate(text("step", ".spoken.step"));
    check(`Firefox, step, lesson 4: step ${n + 1} ${end}`, sentence.endsWith(end), sentence);
    await browser.drag([next.x + next.width / 2, next.y + next.height / 2]);
  }
  await browser.evaluate(
    `document.querySelector("handgrad-step").shadowRoot.querySelector("table[data-grid=x] td[data-i='0']").focus()`,
  );
  await browser.keys(ARROW_RIGHT, "9");
  const typed = await browser.evaluate(text("step", "table[data-grid=x] td[data-i='1']"));
  equal("Firefox, step, by keyboard: a digit changes the number in focus", typed, "9");
  await browser.until(`${text("step", ".spoken.check")} !== ""`);
  check("Firefox, step: the gradients agree with differences", (await browser.evaluate(text("step", ".spoken.check"))).startsWith("The gradients agree")); // prettier-ignore
  check("Firefox, step: handgrad's kernels give the same", (await browser.evaluate(text("step", ".kernels"))).endsWith("difference is 0.")); // prettier-ignore
}

async function train(browser, origin) {
  await browser.go(`${origin}/train.html?lang=en&epochs=2`);
  await browser.until(`${text("train", "h1")} !== ""`);
  await browser.evaluate(`document.querySelector("handgrad-train").shadowRoot.querySelector("canvas.pad").scrollIntoView({ block: "center" })`);
  const { x, y, width, height } = await browser.evaluate(box("train", "canvas.pad"));
  await browser.drag([x + 0.25 * width, y + 0.2 * height], [x + 0.75 * width, y + 0.2 * height], [x + 0.45 * width, y + 0.85 * height]);
  await browser.evaluate(`document.querySelector("handgrad-train").shadowRoot.querySelector("button.train").click()`);
  await browser.until(`${text("train", ".spoken.status")}.startsWith("Step")`, 60_000);
  await browser.evaluate(`(globalThis.frames_ = [], (function next(last) { requestAnimationFrame((now) => { frames_.push(now - last); next(now); }); })(performance.now()), 0)`);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const frames = (await browser.evaluate("frames_")).sort((a, b) => a - b);
  console.log(`     ${frames.length} frames in 3 s while training, median ${frames[frames.length >> 1].toFixed(1)} ms, longest ${frames.at(-1).toFixed(1)} ms`);
  check("Firefox, train: the page keeps drawing frames while its worker trains", frames.length > 90, frames.length);
  await browser.until(`${text("train", ".spoken.status")}.startsWith("Finished")`, 240_000);
  const accuracy = await browser.evaluate(text("train", ".spoken.accuracy"));
  console.log(`     ${accuracy}`);
  check("Firefox, train: it learns", Number(/best ([\d.]+) %/.exec(accuracy)?.[1]) > 90, accuracy);
  const guess = await browser.evaluate(text("train", ".spoken.guess"));
  check("Firefox, train: a drawn 7 is a 7", guess.startsWith("It says 7"), guess);
  equal("Firefox, train: nothing went wrong", browser.troubles, []);
} // prettier-ignore

if (firefox === undefined) {
  console.log("no Firefox is installed here (Debian: apt-get install firefox-esr)");
  console.log("0 passed, 1 failed");
  process.exit(1);
}
const server = await serve();
const browser = await Firefox.start();
try {
  console.log(`Firefox ${browser.version}`);
  for (const name of PAGES) await every(browser, server.origin, name);
  await step(browser, server.origin);
  await train(browser, server.origin);
} catch (error) {
  check(`the run came to its end: ${error.stack}`, false);
} finally {
  await browser.stop();
  server.close();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
