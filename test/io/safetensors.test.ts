import { expect, it } from "vitest";
import { Tensor } from "../../src/index.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/io.js";

it("reads what it wrote", () => {
  const tensors = { "0.weight": new Tensor([1, 2, 3, 4, 5, 6], [2, 3]), "0.bias": new Tensor([7, 8], [2]) };
  const read = decodeSafetensors(encodeSafetensors(tensors, { note: "ä" }));
  expect(Object.keys(read.tensors)).toEqual(["0.weight", "0.bias"]);
  expect(read.tensors["0.weight"].toArray()).toEqual(tensors["0.weight"].toArray());
  expect(read.metadata).toEqual({ note: "ä" });
});
