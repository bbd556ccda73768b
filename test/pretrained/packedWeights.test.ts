// Weights in 8 bits: known bytes by hand, and there and back within half a level.
import { describe, expect, it } from "vitest";
import { Conv2d, Flatten, Linear, Sequential, Tensor, manualSeed } from "../../src/index.js";
import { packWeights, unpackWeights } from "../../src/pretrained/packedWeights.js";

describe("packed weights", () => {
  it("are a factor and signed bytes for each row, and a vector as it is", () => {
    const layer = new Linear(2, 2);
    layer.loadStateDict({ weight: new Tensor([254, -127, 0, 0], [2, 2]), bias: new Tensor([1, -0.5], [2]) });
    const bytes = [...Buffer.from(packWeights(layer), "base64")];
    // 2 as float32, 127 and -64 (254 / 2, -63.5 up to -63 by Math.round); 0, 0, 0; 1 and -0.5 as float32
    expect(bytes).toEqual([0, 0, 0, 64, 127, 256 - 63, 0, 0, 0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 191]);
    const other = new Linear(2, 2);
    unpackWeights(other, Buffer.from(bytes).toString("base64"));
    expect([...other.weight.value.data]).toEqual([254, -126, 0, 0]);
    expect([...other.bias!.value.data]).toEqual([1, -0.5]);
  });

  it("come back within half a level of their row's largest, and then stay", () => {
    manualSeed(3);
    const build = (): Sequential => new Sequential(new Conv2d(3, 5, 3), new Flatten(), new Linear(20, 7));
    const [model, other] = [build(), build()];
    const text = packWeights(model);
    unpackWeights(other, text);
    model.parameters().forEach(({ value }, p) => {
      const [rows, back] = [value.shape[0], other.parameters()[p].value.data];
      for (let row = 0; row < rows && value.rank > 1; row++) {
        const part = value.data.subarray((row * value.size) / rows, ((row + 1) * value.size) / rows);
        const largest = Math.max(...part.map(Math.abs));
        part.forEach((weight, n) => {
          const away = Math.abs(back[(row * value.size) / rows + n] - weight);
          expect(away <= (0.5001 * largest) / 127).toBe(true); // NaN is not
        });
      }
      if (value.rank === 1) expect(back).toEqual(value.data);
    });
    expect(packWeights(other)).toBe(text);
  });

  it("of another network are refused, and nothing has changed", () => {
    const layer = new Linear(2, 2);
    const before = [...layer.weight.value.data];
    expect(() => unpackWeights(layer, packWeights(new Linear(3, 2)))).toThrow(
      "unpackWeights: expected 20 bytes for the model's parameters, got 22.",
    );
    expect([...layer.weight.value.data]).toEqual(before);
  });
});
