// The page's state in its address: what is written is read back, and what cannot be read is named.
import { describe, expect, it } from "vitest";
import { PRESETS } from "../../site/src/step/presets.js";
import { FIRST, fitted, fromQuery, LIMITS, stepsOf, toQuery } from "../../site/src/step/state.js";

describe("the address of a step", () => {
  it("is empty for the first state, lesson 4's example", () => {
    expect(toQuery(FIRST)).toBe("");
    expect(fromQuery("")).toEqual({ state: FIRST, wrong: [] });
  });

  it.each(PRESETS)("of the example %s is read without a fault and written as it was read", (_, query) => {
    const { state, wrong } = fromQuery(query);
    expect(wrong).toEqual([]);
    expect(fromQuery(toQuery(state))).toEqual({ state, wrong: [] });
  });

  it("keeps the step, the reading, the pin, dy and the bias", () => {
    const query = "b=0.5&dy=1,2;3,-4&view=cells&t=7&pin=dx:4";
    const { state, wrong } = fromQuery(query);
    expect(wrong).toEqual([]);
    expect(state).toMatchObject({ t: 7, view: "cells", pin: { grid: "dx", index: 4 }, dy: [1, 2, 3, -4], b: [0.5] });
    expect(toQuery(state)).toBe(query);
  });

  it.each([
    ["x=1,2;3", ["x"]],
    ["x=1,2;3,a", ["x"]],
    ["x=1,,2", ["x"]],
    ["s=0,1", ["s"]],
    ["s=1.5", ["s"]],
    ["op=median", ["op"]],
    ["mode=mirror", ["mode"]],
    ["pin=z:1", ["pin"]],
    ["w=1,2;3,4|1,2;3,4|0,0;0,0&o=2", ["w"]],
    ["dy=1,2", ["dy"]],
    ["w=1,1,1,1;1,1,1,1", ["kernelTooLarge"]],
    ["g=2", ["groups"]],
    ["p=4&mode=circular", ["border"]],
  ])("%s cannot be read: %j", (query, names) => {
    expect(fromQuery(query).wrong).toEqual(names);
  });

  it("a step past the last is the last", () => {
    expect(fromQuery("t=99").state.t).toBe(4);
    expect(fromQuery("view=cells&t=99").state.t).toBe(4 + 9 + 4);
    expect(stepsOf({ ...FIRST, view: "cells" })).toBe(17);
  });
});

describe("another size", () => {
  it("keeps the numbers that stay in the image", () => {
    const s = fitted({ ...FIRST, H: 4, W: 4, x: [], dy: [] }, FIRST);
    expect([s.x[0], s.x[1], s.x[2], s.x[4], s.x[8]]).toEqual([1, 2, 3, 4, 7]);
    expect(s.dy).toHaveLength(9);
    expect(s.x.every(Number.isFinite)).toBe(true);
  });

  it("a pooling has as many outputs as channels, and no weights; back again the kernel is new", () => {
    const pool = fitted({ ...FIRST, op: "max" }, FIRST);
    expect(pool).toMatchObject({ O: 1, w: [], b: [] });
    const conv = fitted({ ...pool, op: "conv", w: [], O: 2 }, pool);
    expect(conv.w).toHaveLength(8);
    expect(conv.w.every(Number.isFinite)).toBe(true);
  });

  it("the largest state that the page offers has its number of steps", () => {
    const { size, channels } = LIMITS;
    const s = fitted({ ...FIRST, C: channels, O: channels, H: size, W: size, x: [], w: [], dy: [] }, FIRST);
    expect(stepsOf(s)).toBe(channels * (size - 1) ** 2);
  });
});
