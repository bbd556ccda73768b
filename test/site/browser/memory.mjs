// Memory of a page stays flat: over 2,000 steps of the slider, and over a training.
import { open } from "./chromium.mjs";
import { check } from "./counting.mjs";

async function heap(session) {
  await session.send("HeapProfiler.collectGarbage");
  return (await session.send("Runtime.getHeapUsage")).usedSize / 1e6;
}

export async function memory(site) {
  const { page, close } = await open(
    site,
    "step.html?lang=en&view=cells&x=1,2,3,0,3;0,1,5,0,1;1,0,2,2,0;2,3,1,3,0;0,1,0,2,0",
  );
  const session = await page.context().newCDPSession(page);
  const walk = (steps) =>
    page.evaluate(async (count) => {
      const root = document.querySelector("handgrad-step").shadowRoot;
      for (let n = 0; n < count; n++) {
        const end = root.querySelector("button.next").getAttribute("aria-disabled") === "true";
        root.querySelector(end ? "button.first" : "button.next").click();
        await document.querySelector("handgrad-step").updateComplete;
      }
      return root.querySelector(".spoken.step").textContent;
    }, steps);
  await walk(1000); // what is loaded and compiled at first is no leak
  const before = await heap(session);
  await walk(2000);
  const after = await heap(session);
  console.log(`     2,000 steps: ${before.toFixed(2)} MB before, ${after.toFixed(2)} MB after`);
  check("memory: flat over 2,000 steps of the slider", after - before < 1, { before, after });
  await close();

  const training = await open(site, "train.html?lang=en&epochs=6&batch=16&vary=0&digit=3");
  const other = await training.page.context().newCDPSession(training.page);
  await training.page.locator("button.train").click();
  const at = (step) =>
    training.page.waitForFunction(
      (least) => Number(/^Step (\d+)/.exec(document.querySelector("handgrad-train").shadowRoot.querySelector(".spoken.status").textContent)?.[1]) > least,
      step,
      { timeout: 240_000 },
    ); // prettier-ignore
  await at(400);
  const early = await heap(other);
  await at(2400);
  const late = await heap(other);
  console.log(`     2,000 steps of training: ${early.toFixed(2)} MB in the page before, ${late.toFixed(2)} MB after`);
  check("memory: flat in the page over 2,000 steps of training", late - early < 2, { early, late });
  await training.close();
}
