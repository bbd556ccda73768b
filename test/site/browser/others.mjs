// The pages on filters, activations, counting, descending and batch normalization in a browser, and elements in a page that
// is not ours.
import { open } from "./chromium.mjs";
import { check, equal } from "./counting.mjs";

const text = (page, selector) => page.locator(selector).first().innerText();
const pixels = (page, name) =>
  page
    .locator(`canvas[data-picture=${name}]`)
    .evaluate((canvas) => ({ size: [canvas.width, canvas.height], sum: canvas.toDataURL() }));

export async function filters(site) {
  const { page, troubles, close } = await open(site, "filters.html?lang=en", { permissions: ["camera"] });
  await page.waitForSelector(".window");
  const sharpened = await pixels(page, "correlation");
  equal("filters: zeros around the picture keep its size", sharpened.size, [192, 192]);
  check("filters: a symmetric kernel says so", (await text(page, ".spoken.filters")).includes("do not differ"));
  equal("filters: and both results are one", sharpened.sum, (await pixels(page, "convolution")).sum);
  await page.locator("input[name=padded]").click();
  equal(
    "filters, lesson 1: without padding the result is smaller",
    (await pixels(page, "correlation")).size,
    [190, 190],
  );
  check(
    "filters: the sizes are said",
    (await text(page, ".spoken.filters")).startsWith("3×192×192 and a 3×3 kernel give 3×190×190."),
  );
  await page.locator("[data-kernel=vertical]").click();
  check("filters: another kernel, other pixels", (await pixels(page, "correlation")).sum !== sharpened.sum);
  check(
    "filters: not symmetric, two results",
    (await pixels(page, "correlation")).sum !== (await pixels(page, "convolution")).sum,
  );
  await page.locator("[data-color=gray]").click();
  check("filters: gray is one channel", (await text(page, ".spoken.filters")).startsWith("1×192"));
  await page.locator(".kernel-table input").first().fill("9");
  await page.locator(".kernel-table input").first().press("Enter");
  await page.waitForFunction(() => location.search.includes("kernel=9,0,-1;2,0,-2;1,0,-1"));
  check("filters: one's own kernel is in the address", page.url().includes("kernel=9,0,-1;2,0,-2;1,0,-1"), page.url());
  await page.locator("canvas[data-picture=original]").focus();
  const before = await text(page, "#window-title");
  await page.keyboard.press("ArrowDown");
  check("filters, by keyboard: arrows move the pixel", before !== (await text(page, "#window-title")));
  await page.locator("[data-source=drawing]").click();
  const box = await page.locator("canvas[data-picture=original]").boundingBox();
  await page.mouse.move(box.x + 40, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 140, { steps: 5 });
  await page.mouse.up();
  const drawn = await pixels(page, "correlation");
  await page.locator("[data-source=camera]").click();
  await page.waitForTimeout(1200);
  check("filters: the camera's pictures move", (await pixels(page, "original")).sum !== drawn.sum && (await page.locator(".error").count()) === 0); // prettier-ignore
  equal("filters: nothing went wrong", troubles, []);
  await close();
}

export async function activations(site) {
  const { page, troubles, close } = await open(site, "activations.html?lang=en&x=2");
  equal(
    "activations: the sigmoid at 2",
    await text(page, ".spoken.curve"),
    "At x = 2, Sigmoid is 0.8808 and its derivative 0.105.",
  );
  check(
    "activations: it vanishes in a stack",
    (await text(page, ".spoken.stack")).startsWith("Sigmoid: the gradient vanishes"),
  );
  await page.locator("[data-function=relu]").click();
  await page.locator("[data-init=kaiming]").click();
  check(
    "activations: ReLU with Kaiming weights stays",
    (await text(page, ".spoken.stack")).startsWith("ReLU: the gradient stays"),
    await text(page, ".spoken.stack"),
  );
  await page.locator("input[name=x]").focus();
  await page.keyboard.press("Home");
  equal(
    "activations, by keyboard: ReLU at -6",
    await text(page, ".spoken.curve"),
    "At x = −6, ReLU is 0 and its derivative 0.",
  );
  equal("activations: the table has a row a layer", await page.locator(".stack tbody tr").count(), 10);
  await page.waitForFunction(() => location.search.includes("f=relu") && location.search.includes("x=-6"));
  equal("activations: nothing went wrong", troubles, []);
  await close();
}

export async function count(site) {
  const { page, troubles, close } = await open(site, "count.html?lang=en");
  const total = () => text(page, ".total");
  equal("count, lesson 4: 55,338 parameters", await total(), "55,338");
  const sentence = await text(page, ".spoken.count");
  check("count, lesson 4: 0.27 MB a pass, 0.21 MB parameters, 0.49 MB in all", ["0.27 MB", "0.21 MB", "0.49 MB"].every((part) => sentence.includes(part)), sentence); // prettier-ignore
  const rows = await page.locator(".layers tbody tr").evaluateAll((all) => all.slice(1).map((row) => [row.cells[1].innerText, row.cells[2].innerText.trim()])); // prettier-ignore
  equal("count, lesson 4: the rows of its summary", rows, [["[16, 26, 26]", "160"], ["[16, 26, 26]", "0"], ["[16, 14, 14]", "0"], ["[32, 12, 12]", "4,640"], ["[32, 12, 12]", "0"], ["[32, 7, 7]", "0"], ["[1568]", "0"], ["[32]", "50,208"], ["[32]", "0"], ["[32]", "0"], ["[10]", "330"]]); // prettier-ignore
  for (const [name, parameters] of [["lesson1", "241,802"], ["lesson2", "197,210"], ["lesson3", "119,530"], ["alexnet", "61,100,840"], ["vgg16", "138,357,544"], ["resnet18", "11,689,512"], ["lenet", "61,706"]]) {
    await page.locator(`[data-network=${name}]`).click();
    equal(`count: ${name} has ${parameters} parameters`, await total(), parameters);
  } // prettier-ignore
  await page.goto(`${site.origin}/count.html?in=128,8,8&net=conv64k3nb&lang=en`);
  equal("count, lesson 3: 3·3·128·64 weights", await total(), "73,728");
  await page.locator("select.add").selectOption("lin");
  const misfit = await text(page, ".misfit");
  check(
    "count: what does not fit says why, in handgrad's words",
    misfit.includes("Block 2") && misfit.includes("Linear: expected"),
    misfit,
  );
  await page.locator("[data-row='2'] .remove").click();
  equal("count: a block can be taken out", await page.locator(".misfit").count(), 0);
  await page.locator("input[name=net]").fill("conv8k3-what");
  await page.locator("input[name=net]").press("Enter");
  check("count: a word that is no block is named", (await text(page, ".error")).includes("what is no block"));
  equal("count: nothing went wrong", troubles, []);
  await close();
}

export async function descend(site) {
  const { page, troubles, close } = await open(site, "descend.html?lang=en&t=20");
  const height = -1.8 * 0.95 ** 20;
  const sentence = await text(page, ".spoken.surface");
  check(
    "descend: SGD in the bowl is where the formula says",
    sentence.includes(`SGD ${(0.5 * height ** 2).toFixed(3)}`),
    sentence,
  );
  check(
    "descend: Adam learns the spirals",
    /Adam 0\.00\d \(100 %\)/.test(await text(page, ".spoken.network")),
    await text(page, ".spoken.network"),
  );
  await page.locator(".map").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => location.search.includes("start=-1.7,0.9"));
  await page.locator("[data-surface=saddle]").click();
  await page.locator("[data-schedule=cosine]").click();
  await page.locator("button.last").click();
  check("descend: the last step is said", (await text(page, ".spoken.surface")).startsWith("After step 100"));
  await page.locator("input[name=sgd]").fill("-1");
  await page.locator("input[name=sgd]").press("Enter");
  equal("descend: a rate below 0 is not taken", await page.locator("input[name=sgd]").inputValue(), "0.05");
  equal("descend: nothing went wrong", troubles, []);
  await close();
}

export async function norm(site) {
  const { page, troubles, close } = await open(site, "norm.html?lang=en");
  equal("norm: the first line is the means", await text(page, ".spoken.norm"), "Line 1 of 12, mean μ: 3, 4.");
  await page.locator("button.next").click();
  await page.locator("button.next").click();
  equal("norm: the variances", await text(page, ".spoken.norm"), "Line 3 of 12, variance σ²: 3.5, 6.");
  await page.locator("button.last").click();
  const sums = await page.locator("table[data-norm=dx]").evaluate((table) => [0, 1].map((c) => [...table.tBodies[0].rows].reduce((sum, row) => sum + Number(row.cells[c].textContent.replace("−", "-")), 0))); // prettier-ignore
  check(
    "norm: the columns of dx add up to 0",
    sums.every((sum) => Math.abs(sum) < 0.01),
    sums,
  );
  check("norm: it agrees with differences", (await text(page, ".spoken.check")).startsWith("The gradients agree"));
  await page.locator("[data-given=x-0-0]").fill("5");
  await page.locator("[data-given=x-0-0]").press("Enter");
  await page.locator("button.first").click();
  equal("norm: a changed number changes the mean", await text(page, ".spoken.norm"), "Line 1 of 12, mean μ: 4, 4.");
  await page.waitForFunction(() => location.search.includes("x=5,4;2,2;3,8;6,2"));
  equal("norm: nothing went wrong", troubles, []);
  await close();
}

/** A page that is not ours: an element a lesson, by one script each. */
export const EMBEDDING = `<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>수업</title><link rel="icon" href="/favicon.svg">
<script type="module" src="/embed-step.js"></script><script type="module" src="/embed-norm.js"></script></head>
<body><h1>수업</h1><handgrad-step state="t=2"></handgrad-step><handgrad-step lang="ko" state="op=max&k=2,2&t=3"></handgrad-step>
<handgrad-norm state="t=3"></handgrad-norm></body></html>`;

export async function embedded(site) {
  const context = await site.browser.newContext();
  const page = await context.newPage();
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
  await page.goto(`${site.origin}/embedding`);
  await page.waitForSelector("handgrad-norm .spoken");
  const sentences = await page.locator(".spoken.step").allInnerTexts();
  check("embedded: two elements with a state each, in the page's language", sentences[0].startsWith("4단계 중 2단계") && sentences[1].startsWith("4단계 중 3단계: 4, 5, 7, 8"), sentences); // prettier-ignore
  check(
    "embedded: another page's element beside them",
    (await text(page, ".spoken.norm")).startsWith("12줄 중 3번째 줄"),
  );
  const [kept] = await page.evaluate(async () => {
    const heard = [];
    document.addEventListener("statechange", (event) => heard.push(event.detail));
    document.querySelector("handgrad-step").shadowRoot.querySelector("button.next").click();
    return heard;
  });
  equal(
    "embedded: the element tells its state and leaves the address alone",
    [kept, page.url()],
    ["t=3", `${site.origin}/embedding`],
  );
  equal("embedded: nothing went wrong", troubles, []);
  await context.close();
}

/** A policy without workers: the page that trains says what it needs, and the others do not care. */
export async function withoutWorkers({ browser, origin }) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.route("**/*.html*", async (route) => {
    const response = await route.fetch();
    const policy = response.headers()["content-security-policy"].replace("worker-src 'self'", "worker-src 'none'");
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  await page.goto(`${origin}/train.html?lang=en`);
  await page.locator("button.train").click();
  await page.waitForSelector(".spoken.error");
  const said = await text(page, ".spoken.error");
  check("without workers: the page that trains says what it needs", said.includes("worker-src 'self'"), said);
  await page.goto(`${origin}/step.html?lang=en&t=4`);
  check("without workers: the others run", (await text(page, ".spoken.step")).endsWith("= 22."));
  await context.close();
}
