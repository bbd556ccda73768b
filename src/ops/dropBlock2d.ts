// The mask of DropBlock2d: squares of zeros.
import type { Room } from "../backend/memory.js";
import { kernelsFor } from "../backend/select.js";
import type { FloatArray, Tensor } from "../base/tensor.js";
import type { Generator } from "../numbers/random.js";
import { maxPool2dValuesIn, planPool2d } from "./maxPool2d.js";
import { pad2d } from "./pad2d.js";
import { plusIn, timesIn } from "./scale.js";

/**
 * A mask in the shape of x [N, C, H, W]: 0 in squares of `block` pixels, which begin at each place where they fit with probability
 * p H W / (block^2 (H - block + 1) (W - block + 1)), elsewhere (all pixels) / (pixels that are not 0).
 *
 * @see Ghiasi, Lin and Le, "DropBlock: a regularization method for convolutional networks", NeurIPS 2018
 */
export function dropBlockMask<A extends FloatArray>(
  room: Room,
  x: Tensor<A>,
  p: number,
  block: number,
  generator: Generator,
): Tensor<A> {
  const [N, C, H, W] = x.shape;
  const places = [N, C, H - block + 1, W - block + 1];
  const share = (p * H * W) / (block * block * places[2] * places[3]);
  const begins = room.tensor(x, places);
  const { data, size } = begins;
  for (let i = 0; i < size; i++) data[i] = generator.uniform() < share ? 1 : 0;

  // A pixel is dropped if a square begins at it or less than `block` rows and columns before: the largest in a window.
  const around = block - 1;
  const sides = { top: around, bottom: around, left: around, right: around };
  const dropped = largestOf(room, pad2d(room, begins, sides, "constant"), block);
  const count = room.tensor(x, [1]);
  kernelsFor("dropBlock2d", x).sum({ rows: 1, cols: x.size }, dropped.data, count.data);
  const left = x.size - count.data[0];
  const scale = left === 0 ? 0 : x.size / left;
  return plusIn(room, timesIn(room, dropped, -scale), scale);
}

function largestOf<A extends FloatArray>(room: Room, x: Tensor<A>, block: number): Tensor<A> {
  const window = { kernelSize: [block, block], stride: [1, 1], padding: [0, 0], ceilMode: false } as const;
  return maxPool2dValuesIn(room, planPool2d("dropBlock2d", x.shape, window), x);
}
