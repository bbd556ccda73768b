// What the steps of optimizers share.
import { read, write } from "./math";

/** dw + decay w. Without decay nothing is added: 0 w would be NaN for an infinite w. */
@inline
export function gradient(four: bool, decays: bool, decay: v128, dw: usize, w: usize): v128 {
  const g = read(four, dw);
  return decays ? f32x4.add(g, f32x4.mul(decay, read(four, w))) : g;
}

/** at = keep at + news; returned too. */
@inline
export function moment(four: bool, keep: v128, news: v128, at: usize): v128 {
  const next = f32x4.add(f32x4.mul(keep, read(four, at)), news);
  write(four, at, next);
  return next;
}
