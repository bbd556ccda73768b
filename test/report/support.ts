// What the tests of reports share: a history without a training, predictions of known answers, and a parser of what comes out.
import { parse, type DefaultTreeAdapterTypes as Tree } from "parse5";
import { Tensor } from "../../src/index.js";
import { History } from "../../src/entries/train.js";
import type { ReportPredictions } from "../../src/entries/report.js";

/** Losses fall and rise again; the best epoch is the third of five. */
export function history(losses: readonly number[] = [2, 1, 0.5, 0.75, 1.25], batches: number = 4): History {
  const made = new History();
  losses.forEach((valLoss, i) => {
    for (let batch = 1; batch <= batches; batch++) {
      made.addBatch({ epoch: i + 1, batch, loss: 2 / (i * batches + batch), lr: 0.1 / (i + 1), gradNorm: batch });
    }
    const epoch = i + 1;
    made.addEpoch({
      epoch,
      batches,
      samples: 32,
      seconds: 1.5,
      lr: 0.1 / epoch,
      runningLoss: 3 / epoch,
      valLoss,
      valAccuracy: 1 - valLoss / 4,
    });
  });
  return made;
}

/** Six images of three classes; the last two are mistakes: 1 taken for 2, and 2 taken for 0. */
export function predictions(): ReportPredictions {
  const sure = 4;
  const labels = [0, 1, 2, 0, 1, 2];
  const predicted = [0, 1, 2, 0, 2, 0];
  const outputs = new Tensor(new Float32Array(18), [6, 3]);
  predicted.forEach((c, n) => (outputs.data[3 * n + c] = sure - n * 0.1));
  const images = new Tensor(
    Float32Array.from({ length: 6 * 16 }, (_, i) => (i % 17) / 16),
    [6, 1, 4, 4],
  );
  return { outputs, labels, images };
}

export type Element = Tree.Element;

/** All elements of a document, in order. */
export function elements(page: string): Element[] {
  const found: Element[] = [];
  const walk = (node: Tree.Node): void => {
    if ("tagName" in node) found.push(node);
    if ("childNodes" in node) node.childNodes.forEach(walk);
  };
  walk(parse(page));
  return found;
}

/** Those with this name, and with this word among their classes if one is given. */
export function named(page: string, tag: string, word?: string): Element[] {
  return elements(page).filter((element) => {
    return (
      element.tagName === tag && (word === undefined || (attribute(element, "class") ?? "").split(" ").includes(word))
    );
  });
}

/** An attribute's value. */
export function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((each) => each.name === name)?.value;
}

/** All of the text in an element. */
export function textOf(node: Tree.Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textOf).join("") : "";
}

/** The rows of a table, as texts. */
export function rowsOf(table: Element): string[][] {
  const inside: Element[] = [];
  const walk = (node: Tree.Node): void => {
    if ("tagName" in node && node.tagName === "tr") inside.push(node);
    if ("childNodes" in node) node.childNodes.forEach(walk);
  };
  walk(table);
  return inside.map((row) => row.childNodes.filter((cell) => "tagName" in cell).map(textOf));
}
