// The document of a report: what is in it, that it lets nothing in, and what it refuses.
import { createHash } from "node:crypto";
import { decode } from "fast-png";
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  Conv2d,
  Flatten,
  Linear,
  ReLU,
  Sequential,
  ShapeError,
  Tensor,
  manualSeed,
  rand,
  zeros,
} from "../../src/index.js";
import { batches } from "../../src/entries/data.js";
import { confusionMatrix, reliability } from "../../src/entries/metrics.js";
import { History } from "../../src/entries/train.js";
import { htmlReport, type ReportRun } from "../../src/entries/report.js";
import { gradCam } from "../../src/entries/viz.js";
import { attribute, elements, history, named, predictions, rowsOf, textOf, type Element } from "./support.js";

const run = (): ReportRun => ({
  history: history(),
  ended: "stopped",
  reason: "no progress",
  best: { epoch: 3, monitor: "valLoss", value: 0.5 },
  predictions: predictions(),
  settings: { lr: 0.1, optimizer: { name: "SGD", momentum: [0.9] } },
  seed: 7,
});
const page = await htmlReport(run(), { classes: ["ant", "bee", "cow"] });
const text = (element: Element | undefined): string =>
  textOf(element as Element)
    .replace(/\s+/g, " ")
    .trim();
const cardOf = (all: string, title: string): Element =>
  [...named(all, "figure", "card"), ...named(all, "div", "card")].find(
    (card) => text(card.childNodes.find((node) => node.nodeName === "h3") as Element) === title,
  ) as Element;
const below = (root: Element, tag: string): Element[] =>
  root.childNodes.flatMap((node) =>
    "tagName" in node ? [...(node.tagName === tag ? [node] : []), ...below(node, tag)] : [],
  );

describe("The document", () => {
  it("allows by its policy what it holds, by digest, and nothing else", () => {
    const policy = attribute(
      named(page, "meta").find((meta) => attribute(meta, "http-equiv") !== undefined) as Element,
      "content",
    );
    const digest = (content: string): string => `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
    const script = named(page, "script").filter((element) => attribute(element, "type") === undefined);
    const style = named(page, "style");
    expect([script.length, style.length]).toEqual([1, 1]);
    expect(policy).toBe(
      `default-src 'none'; img-src data:; script-src ${digest(textOf(script[0]))}; style-src ${digest(textOf(style[0]))}; ` +
        "base-uri 'none'; form-action 'none'",
    );
    // The policy stands before all that it is about.
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style"));
  });

  it("asks for nothing from elsewhere, and has neither styles nor handlers in attributes", () => {
    const addresses = elements(page).flatMap((element) =>
      element.attrs.filter(({ name }) => ["href", "src", "srcset", "action", "data", "poster"].includes(name)),
    );
    expect(addresses.length).toBeGreaterThan(8);
    expect(addresses.filter(({ value }) => !/^(#[\w-]+|data:(image\/png;base64,[\w+/=]+|,))$/.test(value))).toEqual([]);
    const attributes = elements(page).flatMap(({ attrs }) => attrs.map(({ name }) => name));
    expect(attributes.filter((name) => name === "style" || name.startsWith("on"))).toEqual([]);
    expect(named(page, "style").map(textOf).join()).not.toMatch(/@import|url\(/);
  });

  it("has names for all it refers to, each once", () => {
    const ids = elements(page).flatMap((element) => attribute(element, "id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const uses = elements(page).flatMap((element) =>
      ["href", "for", "aria-labelledby"].flatMap((name) => attribute(element, name) ?? []),
    );
    const missing = uses.filter((use) => !use.startsWith("data:")).filter((use) => !ids.includes(use.replace("#", "")));
    expect(missing).toEqual([]);
  });

  it("gives every chart one sentence and its table, and hides the drawing from screen readers", () => {
    const charts = named(page, "figure", "card");
    expect(charts.map((chart) => text(below(chart, "h3")[0]))).toEqual([
      "Loss by epoch",
      "Accuracy by epoch",
      "Loss of the batches",
      "Learning rate",
      "Norm of the gradients",
      "Calibration",
    ]);
    for (const chart of charts) {
      expect(below(chart, "svg").every((svg) => attribute(svg, "aria-hidden") === "true")).toBe(true);
      expect(below(chart, "table")).toHaveLength(1);
      expect(text(below(chart, "figcaption")[0])).toMatch(/\.$/);
    }
  });

  it("says what the curves do", () => {
    expect(text(below(cardOf(page, "Loss by epoch"), "figcaption")[0])).toBe(
      "Validation loss fell from 2 to 1.25; lowest in epoch 3: 0.5. Running training loss fell from 3 to 0.6; lowest at the end.",
    );
    expect(rowsOf(below(cardOf(page, "Loss by epoch"), "table")[0])).toEqual([
      ["epoch", "validation loss", "running training loss"],
      ["1", "2", "3"],
      ["2", "1", "1.5"],
      ["3", "0.5", "1"],
      ["4", "0.75", "0.75"],
      ["5", "1.25", "0.6"],
    ]);
  });

  it("tells the numbers that matter, settings, seed and versions", () => {
    const tiles = named(page, "div").filter((div) => below(div, "dt").length === 1).map(text); // prettier-ignore
    expect(tiles).toEqual([
      "Best validation loss0.5epoch 3",
      "Accuracy66.7 %4 of 6 samples right",
      "Epochs5stopped early: no progress",
      "Training time7.5 s20 batches",
      "Seed7",
    ]);
    expect(rowsOf(below(cardOf(page, "Settings"), "table")[0]).slice(1)).toEqual([
      ["lr", "0.1"],
      ["optimizer.name", "SGD"],
      ["optimizer.momentum", "[0.9]"],
      ["seed", "7"],
    ]);
    expect(text(named(page, "footer")[0])).toMatch(
      /^Made by handgrad 0\.1\.0 in Node \d+\.\d+\.\d+ on \w+ \w+; backend wasm, /,
    );
  });

  it("has the counts of confusionMatrix and the bins of reliability", () => {
    const { outputs, labels } = predictions();
    const rows = rowsOf(below(cardOf(page, "Confusion matrix"), "table")[0]);
    expect(rows[0]).toEqual(["", "ant", "bee", "cow"]);
    expect(rows.slice(1).map((row) => row.slice(1).map(Number))).toEqual(confusionMatrix(outputs, labels));
    const bins = rowsOf(below(cardOf(page, "Calibration"), "table")[0]).slice(1);
    const expected = reliability(outputs, labels, { bins: 10, logits: true });
    expect(bins.map((row) => Number(row[1]))).toEqual(expected.map(({ count }) => count));
    expect(bins.map((row) => row[3])).toEqual(expected.map(({ accuracy }) => (accuracy === null ? "" : accuracy === 1 ? "1" : accuracy.toPrecision(4)))); // prettier-ignore
  });

  it("shows the mistakes, the largest loss first, and pixels as they were", () => {
    const mistakes = below(cardOf(page, "Worst mistakes"), "figure");
    expect(mistakes.map((figure) => attribute(below(figure, "svg")[0], "aria-label"))).toEqual([
      "Sample 4: bee taken for cow",
      "Sample 5: cow taken for ant",
    ]);
    const symbol = named(page, "symbol").find((each) => attribute(each, "id") === "r0p4") as Element;
    const url = attribute(below(symbol, "image")[0], "href") ?? "";
    const { data, width, height, channels } = decode(Buffer.from(url.split(",")[1], "base64"));
    expect([width, height, channels]).toEqual([4, 4, 1]);
    expect(Array.from(data)).toEqual(
      Array.from({ length: 16 }, (_, i) => Math.round((((4 * 16 + i) % 17) / 16) * 255)),
    );
  });

  it("is the same for the same run", async () => {
    expect(await htmlReport(run(), { classes: ["ant", "bee", "cow"] })).toBe(page);
  });
});

describe("Texts of the user", () => {
  const hostile = [`</script><script>alert(1)</script>`, `"><img src=x onerror=alert(2)>`, `'&amp;<b>\u0000\u001b[0m`];

  it("make no element and no attribute, wherever they stand", async () => {
    const evil = hostile.join(" ");
    const others = { ...run(), name: `${evil} 2`, settings: { other: evil } };
    const first = { ...run(), name: evil, reason: evil, settings: { [evil]: { [evil]: evil } } };
    const [plain, got] = await Promise.all([
      htmlReport([{ ...run(), name: "a", settings: { a: { b: "c" } } }, { ...run(), name: "b", settings: { other: "d" } }], { classes: ["ant", "bee", "cow"], title: "t", date: "d" }), // prettier-ignore
      htmlReport([first, others], { classes: hostile, title: evil, date: evil }),
    ]);
    const kinds = (all: string): string[] => elements(all).map(({ tagName, attrs }) => `${tagName} ${attrs.map(({ name }) => name).join(" ")}`); // prettier-ignore
    expect(kinds(got)).toEqual(kinds(plain));
    expect(textOf(named(got, "h1")[0])).toBe(evil.replace("\u0000", "\ufffd").replace("\u001b", "\ufffd"));
    const data = JSON.parse(textOf(named(got, "script")[0])) as { names: string[] };
    expect(data.names).toEqual(hostile); // the script sets them as texts
  });

  it("of a result's name are escaped, too", async () => {
    const made = new History();
    made.addEpoch({ epoch: 1, "val<img src=x>": 1, valLoss: 2 });
    const got = await htmlReport({ history: made });
    expect(named(got, "img")).toEqual([]);
    expect(got).toContain("val&lt;img src=x&gt;");
  });
});

describe("A run", () => {
  const model = (): Sequential => {
    manualSeed(3);
    return new Sequential(new Conv2d(1, 2, 3), new ReLU(), new Flatten(), new Linear(72, 3));
  };

  it("is judged by a model over data, as predictions would be", async () => {
    const images = rand([30, 1, 8, 8], { seed: 4 });
    const labels = Int32Array.from({ length: 30 }, (_, i) => i % 3);
    const net = model();
    const data = batches(images, labels, { size: 7 });
    const byData = await htmlReport({ history: history(), model: net, data });
    const given = { outputs: net.predict(images), labels, images };
    const byPredictions = await htmlReport({
      history: history(),
      model: net,
      predictions: given,
      inputShape: [1, 8, 8],
    });
    expect(byData).toBe(byPredictions);
    expect(rowsOf(below(cardOf(byData, "Layers"), "table")[0]).slice(1)).toEqual([
      ["Conv2d-1", "0", "2 x 6 x 6", "20"],
      ["ReLU-2", "1", "2 x 6 x 6", "0"],
      ["Flatten", "2", "72", "0"],
      ["Linear-3", "3", "3", "219"],
    ]);
    expect(net.training).toBe(true);
  });

  it("of one output has two classes", async () => {
    const outputs = new Tensor([2, -1, 3, -4], [4, 1]);
    const got = await htmlReport({ history: history(), predictions: { outputs, labels: [1, 0, 0, 0] } });
    const rows = rowsOf(below(cardOf(got, "Confusion matrix"), "table")[0]);
    expect(rows.slice(1)).toEqual([
      ["0", "2", "1"],
      ["1", "0", "1"],
    ]);
  });

  it("takes the matrices that a metric left in the history, and begins with the best epoch", async () => {
    const made = new History();
    [[[1, 1], [2, 0]], [[2, 0], [0, 2]], [[2, 0], [1, 1]]].forEach((valConfusion, i) => made.addEpoch({ epoch: i + 1, valLoss: [3, 1, 2][i], valConfusion })); // prettier-ignore
    const got = await htmlReport({ history: made, best: { epoch: 2, monitor: "valLoss", value: 1 } });
    const rows = rowsOf(below(cardOf(got, "Confusion matrix"), "table")[0]);
    expect(rows.slice(1)).toEqual([["0", "2", "0"], ["1", "0", "2"]]); // prettier-ignore
    expect(attribute(named(got, "input")[0], "aria-valuetext")).toBe("after epoch 2");
  });

  it("counts what is not finite, and draws around it", async () => {
    const got = await htmlReport({ history: history([2, NaN, 1, Infinity, 3]) });
    expect(text(below(cardOf(got, "Loss by epoch"), "figcaption")[0])).toContain("2 of 5 values are not finite.");
    expect(got).not.toMatch(/[ ML,"](NaN|-?Infinity)/);
  });

  it("of nothing but a history of one epoch is a report, too", async () => {
    const got = await htmlReport({ history: history([1], 1) });
    expect(text(below(cardOf(got, "Loss by epoch"), "figcaption")[0])).toBe(
      "Validation loss is 1 in epoch 1. Running training loss is 3 in epoch 1.",
    );
    expect(got).not.toMatch(/NaN|Infinity/);
    expect(await htmlReport({ history: new History() })).toContain("Epochs");
  });

  it("from JSON is the same as from the object", async () => {
    const json = JSON.parse(JSON.stringify(history([2, NaN, 1]))) as ReportRun["history"];
    expect(await htmlReport({ history: json })).toBe(await htmlReport({ history: history([2, NaN, 1]) }));
  });

  it("shows its heat maps over the mistakes, for the classes that were predicted", async () => {
    const asked: unknown[] = [];
    const heatmaps = (images: Tensor, classes: Int32Array): Tensor => {
      asked.push([images.shape, [...classes]]);
      const maps = zeros([2, 2, 2]);
      maps.data.set([0, 1, 0, 0, 0, 0, 0, 0.5]);
      return maps;
    };
    const got = await htmlReport({ ...run(), heatmaps });
    expect(asked).toEqual([
      [
        [2, 1, 4, 4],
        [2, 0],
      ],
    ]);
    const symbol = named(got, "symbol").find((each) => attribute(each, "id") === "r0h4") as Element;
    const { data, channels } = decode(
      Buffer.from((attribute(below(symbol, "image")[0], "href") ?? "").split(",")[1], "base64"),
    );
    expect(channels).toBe(4);
    expect([data[3], data[7], data[11]]).toEqual([0, 190, 0]);
  });

  it("larger than the size of pictures is made smaller, and wider numbers than 0 to 1 are fitted in", async () => {
    const images = new Tensor(
      Float32Array.from({ length: 2 * 300 }, (_, i) => (i % 2 === 0 ? -2 : 2)),
      [2, 3, 5, 20],
    );
    const given = { outputs: new Tensor([1, 0, 0, 1], [2, 2]), labels: [1, 0], images };
    const got = await htmlReport({ history: history(), predictions: given }, { pictureSize: 10 });
    expect(named(got, "symbol").map((symbol) => attribute(symbol, "viewbox") ?? attribute(symbol, "viewBox"))).toEqual(["0 0 10 3", "0 0 10 3"]); // prettier-ignore
    const { data, channels } = decode(
      Buffer.from((attribute(named(got, "image")[0], "href") ?? "").split(",")[1], "base64"),
    );
    expect(channels).toBe(3);
    expect(Math.abs(data[0] - 127.5)).toBeLessThan(40); // the mean of both, between black and white
  });
});

describe("Several runs", () => {
  const others = [
    { name: "slow", history: history([3, 2, 1.5]), settings: { lr: 0.001, batch: 32 } },
    { name: "fast", history: history([2, 0.25, 0.5]), settings: { lr: 0.1, batch: 32 } },
    { name: "wild", history: history([NaN, NaN, NaN]), settings: { lr: 10, batch: 32 } },
  ];

  it("are sorted by their best result, with the settings that differ", async () => {
    const got = await htmlReport(others);
    expect(rowsOf(below(cardOf(got, "Which was best"), "table")[0])).toEqual([
      ["run", "best validation loss", "epoch", "epochs", "time", "lr"],
      ["fast", "0.25", "2", "3", "4.5 s", "0.1"],
      ["slow", "1.5", "3", "3", "4.5 s", "0.001"],
      ["wild", "", "", "3", "4.5 s", "10"],
    ]);
    expect(text(below(cardOf(got, "Which was best"), "p")[0])).toBe(
      "Best is fast: validation loss 0.25 in epoch 2. Settings that differ are behind the results.",
    );
    expect(named(got, "section").map((section) => attribute(section, "id"))).toEqual(["curves", "r0", "r1", "r2"]);
  });

  it("are sorted the other way where more is better", async () => {
    const got = await htmlReport(others.slice(0, 2), { best: { monitor: "valAccuracy", mode: "max" } });
    const rows = rowsOf(below(cardOf(got, "Which was best"), "table")[0]);
    expect(rows.slice(1).map(([name, value]) => [name, value])).toEqual([
      ["fast", "0.9375"],
      ["slow", "0.625"],
    ]);
  });

  it("share the pictures", async () => {
    const got = await htmlReport([run(), run(), run()], { pictures: 7 });
    expect(named(got, "symbol")).toHaveLength(6);
  });
});

describe("The size of a report", () => {
  it("of 10 epochs of 1,000 batches with 100 noisy color pictures is below 500 kB", async () => {
    const count = 400;
    const images = rand([count, 3, 28, 28], { seed: 1 }); // the worst case for PNG
    const outputs = rand([count, 10], { seed: 2 });
    const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
    const long = history(Array.from({ length: 10 }, (_, i) => 1 / (i + 1)), 1000); // prettier-ignore
    const small = await htmlReport({ history: long, predictions: { outputs, labels, images } });
    expect(named(small, "symbol")).toHaveLength(100);
    expect(Buffer.byteLength(small)).toBeLessThan(500_000);
  });

  it("of a thousand classes draws those with the most mistakes, and says so", async () => {
    const labels = Int32Array.from({ length: 1000 }, (_, i) => i);
    const outputs = zeros([1000, 1000]);
    labels.forEach((label, i) => (outputs.data[i * 1000 + (label < 40 ? (label + 1) % 40 : label)] = 9));
    const got = await htmlReport({ history: history(), predictions: { outputs, labels } });
    expect(text(cardOf(got, "Confusion matrix"))).toContain(
      "Drawn are the 24 classes with the most mistakes, of 1,000.",
    );
    expect(text(cardOf(got, "Confusion matrix"))).toContain("960 of 1,000 are right (96.0 %).");
    expect(Buffer.byteLength(got)).toBeLessThan(500_000);
  });
});

describe("What is refused", () => {
  const { outputs, labels, images } = predictions();
  const given = (more: object): unknown => ({ history: history(), ...more });
  it.each([
    [[], "htmlReport: expected at least one run, got none."],
    [history(), "expected a run as { history }, got a History"],
    [given({ histroy: 1 }), 'unknown option "histroy", did you mean "history"?'],
    [{}, "expected history as fit gives it, or its JSON, got undefined."],
    [{ history: { epochs: 3 } }, "History.from: expected what JSON.stringify(history) wrote"],
    [given({ name: 3 }), "expected name as a text, got 3."],
    [given({ model: {} }), "expected a model, got an object (Object)"],
    [given({ data: [] }), "expected a model for the data, got none."],
    [given({ data: [], predictions: {} }), "expected data or predictions, got both."],
    [given({ predictions: { outputs: [1], labels } }), "expected predictions.outputs as a tensor [N, C], got [1]."],
    [given({ predictions: { outputs, labels, image: images } }), 'unknown option "image", did you mean "images"?'],
    [given({ predictions: { outputs, labels: [0] } }), "expected as many labels as predictions, 6, got 1."],
    [given({ predictions: { outputs, labels: [0, 1, 2, 3, 0, 0] } }), "expected labels"],
    [
      given({ predictions: { outputs, labels, images: zeros([5, 1, 4, 4]) } }),
      "expected predictions.images [6, C, H, W], got [5, 1, 4, 4].",
    ],
    [given({ predictions: { outputs, labels, probabilities: true } }), "expected probabilities that sum to 1"],
    [given({ collected: { epochs: [] } }), "expected collected as collectForReport(...) or what JSON.stringify wrote"],
    [given({ settings: [1] }), "expected settings by name, got [1]."],
    [given({ settings: { f: () => 1 } }), "expected settings.f to be plain data for JSON"],
    [given({ seed: "1" }), 'expected seed as a number, got "1".'],
    [given({ heatmaps: 1 }), "expected heatmaps as a function of images and classes, or false, got 1."],
    [
      given({ predictions: predictions(), heatmaps: () => zeros([3, 2, 2]) }),
      "expected heatmaps to give [2, H, W], got [3, 2, 2].",
    ],
  ])("the run %#", async (bad, message) => {
    const error: unknown = await htmlReport(bad as ReportRun).catch((cause: unknown) => cause);
    expect(error instanceof ArgumentError || error instanceof ShapeError).toBe(true);
    expect((error as Error).message).toContain(message);
  });

  it.each([
    [{ classes: ["a", "b"] }, "htmlReport: expected 3 names of classes, got 2."],
    [{ classes: "abc" }, 'expected classes as a list of names, got "abc".'],
    [{ pictures: -1 }, "expected pictures to be a whole number from 0 to 10000, got -1."],
    [{ range: [1, 1] }, "expected range as [low, high], got [1, 1]."],
    [{ best: { monitor: "valAccuracy" } }, 'expected mode "min" or "max" for monitor "valAccuracy"'],
    [{ titel: "x" }, 'unknown option "titel", did you mean "title"?'],
  ])("the options %j", async (options, message) => {
    await expect(htmlReport(run(), options as object)).rejects.toThrow(message);
  });
});

describe("Looking inside", () => {
  const images = rand([40, 3, 8, 8], { seed: 4 });
  const labels = Int32Array.from({ length: 40 }, (_, i) => i % 2);
  const data = batches(images, labels, { size: 20 });
  const net = (outputs: number): Sequential => {
    manualSeed(3);
    return new Sequential(new Conv2d(3, 4, 3), new ReLU(), new Flatten(), new Linear(144, outputs));
  };

  it("lays Grad-CAM for the predicted class over the mistakes, each map by its largest number", async () => {
    const model = net(2);
    const got = await htmlReport({ history: history(), model, data });
    const logits = model.predict(images);
    const classes = logits.argmax(1);
    const wrong = [...labels.keys()].filter((i) => classes[i] !== labels[i]);
    const first = Number(
      /Sample (\d+)/.exec(attribute(below(cardOf(got, "Worst mistakes"), "svg")[0], "aria-label") ?? "")?.[1],
    );
    expect(wrong).toContain(first);
    const map = gradCam(model, images.take([first]), { target: classes[first] });
    const most = Math.max(...map.data);
    const symbol = named(got, "symbol").find((each) => attribute(each, "id") === `r0h${first}`) as Element;
    const { data: bytes } = decode(
      Buffer.from((attribute(below(symbol, "image")[0], "href") ?? "").split(",")[1], "base64"),
    );
    map.data.forEach((value, i) => {
      const opacity = bytes[4 * i + 3];
      if (value === 0) expect(opacity).toBe(0);
      if (value === most) expect(opacity).toBe(190);
    });
    expect(text(cardOf(got, "Worst mistakes"))).toContain("spoke for the class that was predicted (Grad-CAM).");
  });

  it("of one output looks at what spoke for either class, and of a model without maps says why it does not", async () => {
    expect(named(await htmlReport({ history: history(), model: net(1), data }), "symbol").length).toBeGreaterThan(40);
    manualSeed(1);
    const flat = new Sequential(new Flatten(), new Linear(192, 2));
    const got = await htmlReport({ history: history(), model: flat, data });
    expect(text(cardOf(got, "Worst mistakes"))).toContain("Without heat maps: gradCam: expected a model with a layer");
    expect(cardOf(got, "Filters")).toBeUndefined();
    const none = await htmlReport({ history: history(), model: net(2), data, heatmaps: false });
    expect(none).not.toContain('id="r0h');
  });

  it("shows the filters of the first convolution, with their extremes", async () => {
    const model = net(2);
    const got = await htmlReport({ history: history(), model });
    const { data: weights } = (model.get(0) as Conv2d).weight.value;
    const most = Math.max(...[...weights].map(Math.abs));
    expect(text(below(cardOf(got, "Filters"), "p")[0])).toBe(
      `The 4 filters (3 x 3) of layer 0: in red, green and blue; gray is 0. The largest weight is ${most.toPrecision(4)} in size.`,
    );
    const { data: bytes } = decode(
      Buffer.from((attribute(named(got, "image")[1], "href") ?? "").split(",")[1], "base64"),
    );
    const of = (c: number, i: number): number => Math.round((255 * (weights[27 + 9 * c + i] + most)) / (2 * most));
    expect([...bytes.subarray(0, 8)]).toEqual([of(0, 0), of(1, 0), of(2, 0), 255, of(0, 1), of(1, 1), of(2, 1), 255]);
    expect(rowsOf(below(cardOf(got, "Filters"), "table")[0])).toHaveLength(5);
  });
});
