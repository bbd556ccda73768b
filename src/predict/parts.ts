// Layers that deal out or cut an axis: channels of groups one after the other, and a range of places.
import { whole } from "../base/check.js";
import { checkAxis, sizeOf } from "../base/shape.js";
import { misfit, result, single, type Maker } from "./layer.js";

export const channelShuffle: Maker = ({ type, args }) => {
  const groups = whole(type, "groups", args[0], 1);
  return single((x, room) => {
    const [N, C, ...plane] = x.shape;
    if (plane.length === 0 || C % groups !== 0) throw misfit(type, `channels that ${groups} groups divide`, x.shape);
    const y = result(room, x.shape);
    const [each, size] = [C / groups, sizeOf(plane)];
    for (let channel = 0; channel < N * C; channel++) {
      const [n, g, c] = [Math.floor(channel / C), Math.floor((channel % C) / each), channel % each];
      y.data.set(x.data.subarray(channel * size, (channel + 1) * size), (n * C + c * groups + g) * size);
    }
    return y;
  });
};

export const slice: Maker = ({ type, args, options }) => {
  const [start, end] = [whole(type, "start", args[0], -Infinity), args[1]];
  const stop = end === null ? null : whole(type, "end", end, -Infinity);
  const dim = whole(type, "dim", options.dim, -Infinity);
  return single(({ data, shape }, room) => {
    const axis = checkAxis(type, dim, shape.length);
    const size = shape[axis];
    const place = (index: number): number => (index < 0 ? index + size : index);
    const [from, to] = [place(start), stop === null ? size : place(stop)];
    if (axis === 0 || from < 0 || from >= to || to > size) throw misfit(type, `places ${start} to ${stop}`, shape);
    const y = result(room, shape.map((length, i) => (i === axis ? to - from : length))); // prettier-ignore
    const inner = sizeOf(shape.slice(axis + 1));
    const [run, all] = [(to - from) * inner, size * inner];
    for (let i = 0; i * run < y.data.length; i++) {
      y.data.set(data.subarray(i * all + from * inner, i * all + from * inner + run), i * run);
    }
    return y;
  });
};
