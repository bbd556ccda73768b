// The page "Train it here" in a browser: a network learns in a worker while the page stays at its frame rate, a digit is
// drawn, and the saved model is loaded as an app would.
import { readFileSync } from "node:fs";
import { loadModel } from "../../../dist/io.js";
import { open } from "./chromium.mjs";
import { check, equal } from "./counting.mjs";

const text = (page, selector) => page.locator(selector).first().innerText();

// The times between frames, from now on.
const watchFrames = (page) =>
  page.evaluate(() => {
    globalThis.frames_ = [];
    let last = performance.now();
    const next = (now) => {
      globalThis.frames_.push(now - last);
      last = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });

async function drawSeven(page) {
  await page.locator("canvas.pad").scrollIntoViewIfNeeded();
  const box = await page.locator("canvas.pad").boundingBox();
  const at = (x, y) => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(0.25, 0.2));
  await page.mouse.down();
  await page.mouse.move(...at(0.75, 0.2), { steps: 8 });
  await page.mouse.move(...at(0.45, 0.85), { steps: 8 });
  await page.mouse.up();
}

export async function train(site, { epochs = 6 } = {}) {
  const { page, troubles, close } = await open(site, `train.html?lang=en&epochs=${epochs}`);
  await drawSeven(page);
  await page.waitForSelector("canvas[data-step=image]");
  const steps = await text(page, ".spoken.steps");
  check("train: the steps of a drawn digit are said", /scaled to \d+×20, center of mass/.test(steps), steps);
  const started = performance.now();
  await page.locator("button.train").click();
  await page.waitForFunction(() => document.querySelector("handgrad-train").shadowRoot.querySelector(".spoken.status").textContent.startsWith("Step")); // prettier-ignore
  await watchFrames(page);
  await page.waitForTimeout(3000);
  const frames = await page.evaluate(() => globalThis.frames_.splice(0).sort((a, b) => a - b));
  const [median, most] = [frames[Math.floor(frames.length / 2)], frames.at(-1)];
  console.log(`     ${frames.length} frames in 3 s while training, median ${median.toFixed(1)} ms, 99 % ${frames[Math.floor(0.99 * frames.length)].toFixed(1)} ms, longest ${most.toFixed(1)} ms`); // prettier-ignore
  // Half of 60 frames a second: a busy machine is no failure, a training on the page's own thread is.
  check("train: the page keeps drawing frames while its worker trains", frames.length > 90 && median < 25, {
    median,
    most,
  });

  await page.locator("button.pause").click();
  await page.waitForFunction(() => document.querySelector("handgrad-train").shadowRoot.querySelector(".spoken.status").textContent.startsWith("Paused")); // prettier-ignore
  const paused = await text(page, ".spoken.status");
  await page.waitForTimeout(500);
  equal("train: pause holds", await text(page, ".spoken.status"), paused);
  await page.locator("button.pause").click();
  await page.waitForFunction(() => document.querySelector("handgrad-train").shadowRoot.querySelector(".spoken.status").textContent.startsWith("Finished"), undefined, { timeout: 240_000 }); // prettier-ignore
  const seconds = (performance.now() - started) / 1000;
  const sentence = await text(page, ".spoken.accuracy");
  const percent = Number(/best ([\d.]+) %/.exec(sentence)?.[1]);
  console.log(`     ${seconds.toFixed(1)} s, ${sentence}`);
  check("train: 0.95 of the held-out digits in the end", percent >= 95, sentence);
  const loss = /from ([\d.]+) to ([\d.]+)/.exec(await text(page, ".spoken.loss"));
  check("train: the loss fell, and a sentence says so", Number(loss?.[2]) < Number(loss?.[1]) / 2, loss);
  const guess = await text(page, ".spoken.guess");
  check("train: a drawn 7 is a 7", guess.startsWith("It says 7"), guess);
  equal("train: 16 and 32 feature maps", await page.locator(".tiles.maps canvas").count(), 48);
  const right = await page.locator(".matrix .right button").evaluateAll((all) => all.reduce((sum, button) => sum + Number(button.textContent), 0)); // prettier-ignore
  check("train: the confusion matrix counts all held-out digits", right / 2000 >= 0.93, right);
  await page.locator(".matrix .right button").nth(3).click();
  await page.waitForSelector(".tiles.confused canvas");
  await page.locator("input.sample").fill("0");
  await page.locator("button.show").click();
  await page.waitForSelector(".truth");
  check("train: the first held-out digit is a 7", (await text(page, ".truth")).includes("is a 7"));

  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("button.save").click()]);
  equal("train: the model is saved as a file", download.suggestedFilename(), "digits.safetensors");
  await page.waitForSelector(".spoken.saved");
  const saved = await text(page, ".spoken.saved");
  check("train: loaded again it knows the digit", /: 7 \d/.test(saved), saved);
  // The README's app, outside of the page.
  const model = loadModel(readFileSync(await download.path()));
  const white = { data: new Uint8ClampedArray(4 * 200 * 200).fill(255), width: 200, height: 200 };
  equal("train: the README's app loads it", model.classify(white, { top: 3, resize: true }).length, 3);
  equal("train: nothing went wrong", troubles, []);
  await close();
}
