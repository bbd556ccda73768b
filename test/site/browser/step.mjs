// The page "Step through it" in a browser: by mouse, by keyboard, in both languages.
import { marked, numbers, open } from "./chromium.mjs";
import { check, equal } from "./counting.mjs";

const LESSON4 = [
  { y: ["10", "·", "·", "·"], now: "10", window: [[0, 0], [0, 1], [1, 0], [1, 1]], sum: "1 · 1 + 2 · 0 + 4 · 1 + 5 · 1 = 10" },
  { y: ["10", "13", "·", "·"], now: "13", window: [[0, 1], [0, 2], [1, 1], [1, 2]], sum: "2 · 1 + 3 · 0 + 5 · 1 + 6 · 1 = 13" },
  { y: ["10", "13", "19", "·"], now: "19", window: [[1, 0], [1, 1], [2, 0], [2, 1]], sum: "4 · 1 + 5 · 0 + 7 · 1 + 8 · 1 = 19" },
  { y: ["10", "13", "19", "22"], now: "22", window: [[1, 1], [1, 2], [2, 1], [2, 2]], sum: "5 · 1 + 6 · 0 + 8 · 1 + 9 · 1 = 22" },
]; // prettier-ignore

const y = "table[data-grid=y]";
const x = "table[data-grid=x]";
const text = (page, selector) => page.locator(selector).first().innerText();

async function lesson4(site) {
  const { page, troubles, close } = await open(site, "step.html?lang=en");
  equal("step, lesson 4: the image is 1 to 9", await numbers(page, x), [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]]); // prettier-ignore
  equal("step, lesson 4: the kernel is [[1,0],[1,1]]", await numbers(page, "table[data-grid=w]"), [["1", "0"], ["1", "1"]]); // prettier-ignore
  for (const [n, step] of LESSON4.entries()) {
    if (n > 0) await page.locator("button.next").click();
    equal(`step, lesson 4: at step ${n + 1} the output so far`, (await numbers(page, y)).flat(), step.y);
    equal(`step, lesson 4: at step ${n + 1} the window lies on the image`, await marked(page, x, "under"), step.window);
    const sentence = await text(page, ".spoken.step");
    check(`step, lesson 4: step ${n + 1} is said in a sentence`, sentence.includes(step.sum) && sentence.startsWith(`Step ${n + 1} of 4`), sentence);
  } // prettier-ignore
  equal("step, lesson 4: dw after the four windows", await numbers(page, "table[data-grid=dw]"), [["12", "16"], ["24", "28"]]); // prettier-ignore
  equal("step, lesson 4: dx after the four windows", (await numbers(page, "table[data-grid=dx]")).flat(), ["1", "1", "0", "2", "3", "1", "1", "2", "1"]); // prettier-ignore
  await page.waitForSelector(".check");
  const checked = await text(page, ".spoken.check");
  check("step: the gradients agree with finite differences", checked.startsWith("The gradients agree"), checked);
  const kernels = await text(page, ".kernels");
  check("step: handgrad's kernels give the same", kernels.endsWith("difference is 0."), kernels);
  await page.waitForFunction(() => location.search.includes("t=4"));
  await page.locator("button.back").click();
  await page.waitForFunction(() => location.search.includes("t=3"));
  check("step: the address holds the step", page.url().endsWith("?t=3&lang=en"), page.url());
  equal("step: nothing went wrong", troubles, []);
  await close();
}

// Every state of a lesson, by its button: the numbers of LESSONS.md.
async function lessons(site) {
  const { page, troubles, close } = await open(site, "step.html?lang=en");
  const all = async (preset, grid = y) => {
    await page.locator(`[data-preset=${preset}]`).click();
    await page.locator("button.last").click({ force: true }); // disabled where there is one step
    return page.locator(grid).evaluateAll((tables) => tables.map((table) => [...table.tBodies[0].rows].map((row) => [...row.cells].filter((cell) => cell.tagName === "TD").map((cell) => Number(cell.textContent.replace("−", "-")))))); // prettier-ignore
  };
  equal("step, lesson 5: the filter on the 5x5 image", await all("lesson5"), [[[8, 9, 8], [8, 9, 9], [6, 6, 5]]]); // prettier-ignore
  await page.locator("button.first").click();
  const first = await text(page, ".spoken.step");
  check("step, lesson 5: the first window gives 1+3+1+1+2 = 8", first.endsWith("= 8."), first);
  equal(
    "step, lesson 1: stride 2 gives 2x2",
    (await all("stride"))[0].map((row) => row.length),
    [2, 2],
  );
  equal("step, lesson 2: the same size", await all("lesson2same"), [[[2, 4, 6], [8, 10, 12], [14, 16, 18]]]); // prettier-ignore
  equal("step, lesson 2: the RGB image and two kernels", await all("lesson2rgb"), [[[3, -1, 3], [-2, 0, 2], [1, 3, 4]], [[7, 5, 7], [2, 6, 7], [5, 7, 8]]]); // prettier-ignore
  equal("step, lesson 2: max pooling of [[4,3],[2,1]]", await all("lesson2pool"), [[[4]]]);
  equal("step, lesson 2: its switch is the 4", await marked(page, x, "switch"), [[0, 0]]);
  equal("step, lesson 4: max pooling", await all("lesson4pool"), [[[5, 6], [8, 9]]]); // prettier-ignore
  equal("step, lesson 4: all of dy went to the maxima", await all("lesson4pool", "table[data-grid=dx]"), [[[0, 0, 0], [0, 1, 1], [0, 1, 1]]]); // prettier-ignore
  equal("step, lesson 4: dilation 2 lets a 3x3 kernel look at 5x5", (await all("dilation"))[0], [[1 + 3 + 3 + 1 + 2 + 0 + 0 + 0 + 0]]); // prettier-ignore
  for (const preset of ["asymmetric", "groups", "depthwise", "circular", "flip", "avg"]) {
    await all(preset);
    await page.waitForSelector(".check.good");
    await page.waitForTimeout(80);
    const distance = (await text(page, ".kernels")).split(" ").at(-1);
    check(`step, ${preset}: agrees with differences and with handgrad's kernels`, Number(distance.slice(0, -1).replace("−", "-")) < 1e-6, distance); // prettier-ignore
  }
  equal("step: nothing went wrong in the examples", troubles, []);
  await close();
}

async function cells(site) {
  const { page, troubles, close } = await open(site, "step.html?lang=en&view=cells&t=14");
  const laid = "table[data-kind=framed]";
  equal("step, cell by cell: dy lies on the image for dw[0]", await marked(page, laid, "under"), [[0, 0], [0, 1], [1, 0], [1, 1]]); // prettier-ignore
  equal("step, cell by cell: dw[0] = 1+2+4+5", (await numbers(page, "table[data-grid=dw]")).flat(), [
    "12",
    "·",
    "·",
    "·",
  ]);
  await page.locator("button.next").click();
  equal("step, cell by cell: then one to the right", await marked(page, laid, "under"), [[0, 1], [0, 2], [1, 1], [1, 2]]); // prettier-ignore
  // Stride and dilation trade places: with stride 2 the places of dy are 2 apart.
  await page.goto(`${site.origin}/step.html?x=1,2,3,4;5,6,7,8;9,1,2,3;4,5,6,7&s=2,2&view=cells&t=21&lang=en`);
  await page.waitForSelector(laid);
  equal("step, cell by cell: stride 2 spreads dy", await marked(page, laid, "under"), [[0, 0], [0, 2], [2, 0], [2, 2]]); // prettier-ignore
  equal("step: nothing went wrong cell by cell", troubles, []);
  await close();
}

async function keyboard(site) {
  const { page, troubles, close } = await open(site, "step.html?lang=en");
  const cell = (grid, row, column) => page.locator(`table[data-grid=${grid}] tbody tr:nth-child(${row + 1}) td`).nth(column);
  await cell("x", 0, 0).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.type("20");
  equal("step, by keyboard: digits change the number in focus", (await numbers(page, x))[1], ["4", "20", "6"]);
  equal("step, by keyboard: and y follows", (await numbers(page, y))[0][0], "25");
  await page.keyboard.press("Enter");
  check("step, by keyboard: Enter pins it", (await text(page, ".pinned-card")).includes("x[0, 1, 1]"));
  await page.keyboard.press("Backspace");
  equal("step, by keyboard: Backspace makes it 0", (await numbers(page, x))[1][1], "0");
  await page.keyboard.type("-1.5");
  equal("step, by keyboard: a sign and a point", (await numbers(page, x))[1][1], "−1.5");
  await page.locator(".player input[type=range]").focus();
  await page.keyboard.press("End");
  check("step, by keyboard: End on the slider goes to the last step", (await text(page, ".player output")).startsWith("Step 4 of 4"));
  await page.keyboard.press("ArrowLeft");
  check("step, by keyboard: an arrow goes one step back", (await text(page, ".player output")).startsWith("Step 3 of 4"));
  // Every control can be reached by Tab alone.
  await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.blur());
  const seen = new Set();
  await page.locator("handgrad-frame .wordmark").focus();
  for (let n = 0; n < 90; n++) {
    await page.keyboard.press("Tab");
    seen.add(
      await page.evaluate(() => {
        let at = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at?.dataset?.preset ?? at?.dataset?.view ?? at?.dataset?.op ?? at?.closest?.("table")?.dataset.grid ?? at?.className ?? at?.tagName;
      }),
    );
  }
  const wanted = ["lesson4", "avg", "cells", "x", "w", "y", "dy", "dx", "dw", "max", "next", "primary play", "copy-link"];
  equal("step, by keyboard: Tab reaches every part", wanted.filter((name) => !seen.has(name)), []);
  equal("step: nothing went wrong by keyboard", troubles, []);
  await close();
} // prettier-ignore

async function mouse(site) {
  const { page, troubles, close } = await open(site, "step.html?lang=en");
  await page.locator("[data-tool=paint]").click();
  const boxes = await page
    .locator(`${x} td[data-i]`)
    .evaluateAll((all) => all.map((td) => td.getBoundingClientRect().toJSON()));
  await page.mouse.move(boxes[0].x + 9, boxes[0].y + 9);
  await page.mouse.down();
  for (const box of boxes.slice(1, 3)) await page.mouse.move(box.x + 9, box.y + 9, { steps: 4 });
  await page.mouse.up();
  equal("step: painting over the image fills it with the brush", await numbers(page, x), [["9", "9", "9"], ["4", "5", "6"], ["7", "8", "9"]]); // prettier-ignore
  await page.locator("[data-tool=pin]").click();
  await page.locator("table[data-grid=dx] td[data-i='4']").click();
  const pinned = await text(page, ".pinned-card");
  check(
    "step: a click pins a number with its formula",
    /dx\[0, 1, 1\] = 1 · 1 \+ 1 · 1 \+ 1 · 0 \+ 1 · 1\s+= 3/.test(pinned),
    pinned,
  );
  await page.waitForFunction(() => location.search.includes("pin=dx:4"));
  await page.locator("button.play").click();
  await page.waitForFunction(() => document.querySelector("handgrad-step").shadowRoot.querySelector(".player output").textContent.includes("Step 3"), undefined, { timeout: 5000 }); // prettier-ignore
  await page.locator("button.play").click();
  const stopped = await text(page, ".player output");
  await page.waitForTimeout(1200);
  equal("step: pause holds the step", await text(page, ".player output"), stopped);
  await page.locator(".settings input").nth(3).fill("5");
  await page.locator(".settings input").nth(3).press("Tab");
  check(
    "step: a kernel larger than the image is refused with the reason",
    (await text(page, ".misfit")).includes("larger than the image"),
  );
  await page.goto(`${site.origin}/step.html?x=1,2;3&s=0&lang=en`);
  const said = await text(page, ".error");
  check("step: an address that cannot be read is said so, with the fields", said.includes("(x, s)"), said);
  equal("step: nothing went wrong by mouse", troubles, []);
  await close();
}

async function korean(site) {
  const { page, troubles, close } = await open(site, "step.html?lang=ko&t=2");
  const sentence = await text(page, ".spoken.step");
  check("step, in Korean: the sentence", sentence === "4단계 중 2단계: 0행 1열의 윈도에서 y[0, 0, 1] = 2 · 1 + 3 · 0 + 5 · 1 + 6 · 1 = 13.", sentence); // prettier-ignore
  equal("step, in Korean: the document says so", await page.evaluate(() => document.documentElement.lang), "ko");
  const latin = await page.locator("h1, h2, legend, label, .presets button").evaluateAll((all) => all.map((element) => element.innerText).filter((words) => /[a-z]{4}/.test(words))); // prettier-ignore
  equal("step, in Korean: no heading or label is left in English", latin, []);
  await page.locator(".languages button").first().click();
  check(
    "step: the language can be changed, and the step stays",
    (await text(page, ".spoken.step")).startsWith("Step 2 of 4"),
  );
  equal("step: nothing went wrong in Korean", troubles, []);
  await close();
}

export async function step(site) {
  for (const part of [lesson4, lessons, cells, keyboard, mouse, korean]) await part(site);
}
