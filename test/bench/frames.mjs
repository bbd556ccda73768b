// How evenly a page draws: idle, while lesson 4's network trains in a worker (trainInWorker), and while it trains on the page's own thread
// (fit, which lets the page draw every 16 ms). Times between frames, in Chromium and Firefox, headless, under a strict policy.
// `npm run bench:frames [-- --seconds 5]`, after a build, on a quiet machine with two cores or more.
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";
import { serve } from "../repro/server.mjs";
import { Firefox, firefox } from "../site/browser/bidi.mjs";

const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" } } });
const seconds = Number(values.seconds);

// In the page: trains in one of the ways, and gives the times between frames and the samples a second.
const measure = async ([way, seconds]) => {
  const [core, data, train, worker] = await Promise.all(
    ["index", "data", "train", "trainInWorker"].map((name) => import(`/dist/${name}.js`)),
  );
  const pool = () => new core.MaxPool2d(2, { stride: 2, padding: 1 });
  const model = new core.Sequential(
    ...[new core.Conv2d(1, 16, 3), new core.ReLU(), pool(), new core.Conv2d(16, 32, 3), new core.ReLU(), pool()],
    ...[new core.Flatten(), new core.Linear(1568, 32), new core.ReLU(), new core.Dropout(0.3), new core.Linear(32, 10)],
  );
  const labels = Int32Array.from({ length: 4096 }, (_, i) => (i * 7) % 10);
  const batches = data.batches(core.rand([4096, 1, 28, 28], { seed: 1 }), labels, { size: 64, shuffle: true });
  const options = { optimizer: new core.Adam(model.parameters(), { lr: 1e-3 }), epochs: 100000 };
  const run = { fit: train.fit, worker: worker.trainInWorker }[way];
  const training = run?.(model, batches, options);
  while (training !== undefined && training.steps < 20) await new Promise((resolve) => setTimeout(resolve, 50));
  const before = training?.steps ?? 0;
  const frames = [];
  const began = performance.now();
  await new Promise((resolve) => {
    const next = (last) => {
      requestAnimationFrame((now) => {
        frames.push(now - last);
        if (performance.now() - began > 1000 * seconds) resolve();
        else next(now);
      });
    };
    requestAnimationFrame(next);
  });
  const rate = (64 * ((training?.steps ?? 0) - before)) / ((performance.now() - began) / 1000);
  training?.stop();
  await training;
  return { frames, rate };
};

function report(browser, way, { frames, rate }) {
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1).padStart(7);
  const late = frames.filter((time) => time > 25).length;
  const fps = (frames.length / seconds).toFixed(1).padStart(5);
  const samples = rate === 0 ? "" : `${Math.round(rate)} samples/s`;
  console.log(
    `${browser.padEnd(9)} ${way.padEnd(7)} ${fps} ${at(0.5)} ${at(0.99)} ${at(1)}   ${String(late).padStart(4)}     ${samples}`,
  );
}

const WAYS = ["idle", "worker", "fit"];
const server = await serve();
const page = `${server.origin}/workers`;
console.log("                 frames/s, ms: median    99 %  longest  over 25 ms");
try {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
  if (executablePath === undefined) console.log("no Chromium is installed here");
  else {
    const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
    const tab = await browser.newPage();
    for (const way of WAYS) {
      await tab.goto(page);
      report("Chromium", way, await tab.evaluate(measure, [way, seconds]));
    }
    await browser.close();
  }
  if (firefox === undefined) console.log("no Firefox is installed here");
  else {
    const browser = await Firefox.start();
    for (const way of WAYS) {
      await browser.go(page);
      report("Firefox", way, await browser.evaluate(`(${measure})(${JSON.stringify([way, seconds])})`));
    }
    await browser.stop();
  }
} finally {
  server.close();
}
