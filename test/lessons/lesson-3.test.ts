import { expect, it, vi } from "vitest";
vi.mock("handgrad", () => import("../../src/index.js"));
import { buildFromList } from "../../examples/support/fromList.js";
import { Sequential } from "../../src/index.js";
it("x", () => {
  const m = buildFromList({inputShape: [1,28,28], kernelSize: 3, convWidths: [32,64], hiddenWidths: [32], classes: 10});
  expect(m).toBeInstanceOf(Sequential);
  console.log(String(m.summary([1,28,28])), m.namedParameters().map(([n,p])=>n+p.shape));
});
