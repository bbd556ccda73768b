// Layers that deal out or cut an axis: channels of groups one after the other, and a range of places.
import { whole } from "../base/check.js";
import { checkAxis } from "../base/shape.js";
import { shuffleInto } from "../ops/channelShuffle.js";
import { cutInto } from "../ops/join.js";
import { misfit, result, single, type Maker } from "./layer.js";

export const channelShuffle: Maker = ({ type, args }) => {
  const groups = whole(type, "groups", args[0], 1);
  return single((x, room) => {
    const [, C, ...plane] = x.shape;
    if (plane.length === 0 || C % groups !== 0) throw misfit(type, `channels that ${groups} groups divide`, x.shape);
    return shuffleInto(groups, x, result(room, x.shape));
  });
};

export const slice: Maker = ({ type, args, options }) => {
  const [start, end] = [whole(type, "start", args[0], -Infinity), args[1]];
  const stop = end === null ? null : whole(type, "end", end, -Infinity);
  const dim = whole(type, "dim", options.dim, -Infinity);
  return single((x, room) => {
    const { shape } = x;
    const axis = checkAxis(type, dim, shape.length);
    const size = shape[axis];
    const place = (index: number): number => (index < 0 ? index + size : index);
    const [from, to] = [place(start), stop === null ? size : place(stop)];
    if (axis === 0 || from < 0 || from >= to || to > size) throw misfit(type, `places ${start} to ${stop}`, shape);
    const cut = shape.map((length, i) => (i === axis ? to - from : length));
    return cutInto(x, axis, from, result(room, cut));
  });
};
