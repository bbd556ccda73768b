// The geometry record of a convolution of square images by square kernels at stride 1.
import type { Conv2dGeometry } from "../../src/backend/kernels.js";

/** N images of C channels, H x H; O kernels K x K; padding P. */
export function squareGeometry(N: number, C: number, H: number, O: number, K: number, P: number): Conv2dGeometry {
  const OH = H + 2 * P - K + 1;
  const [image, kernel, padding] = [
    { H, W: H, OH, OW: OH },
    { KH: K, KW: K },
    { PT: P, PB: P, PL: P, PR: P },
  ];
  return { N, C, O, ...image, ...kernel, ...padding, SH: 1, SW: 1, DH: 1, DW: 1, G: 1 };
}
