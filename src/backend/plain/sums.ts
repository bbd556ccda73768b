// The one loop in which the plain backend spends its time: sums of products, for four filters at a time, so that each number of
// the image is read once for four products. (A loop for each filter by itself takes twice as long.)

/**
 * sums[f] += x[at + steps[0]] w[f, 0] + x[at + steps[1]] w[f, 1] + ..., for each filter f of w [sums.length, steps.length].
 * From first to last and in float64, as the reference adds up.
 */
export function addProducts(x: Float64Array, at: number, steps: Int32Array, w: Float64Array, sums: Float64Array): void {
  const terms = steps.length;
  const filters = sums.length;
  let f = 0;
  for (; f + 4 <= filters; f += 4) {
    let [a, b, c, d] = [sums[f], sums[f + 1], sums[f + 2], sums[f + 3]];
    const [wa, wb, wc, wd] = [f * terms, (f + 1) * terms, (f + 2) * terms, (f + 3) * terms];
    for (let t = 0; t < terms; t++) {
      const value = x[at + steps[t]];
      a += value * w[wa + t];
      b += value * w[wb + t];
      c += value * w[wc + t];
      d += value * w[wd + t];
    }
    sums[f] = a;
    sums[f + 1] = b;
    sums[f + 2] = c;
    sums[f + 3] = d;
  }
  for (; f < filters; f++) {
    let a = sums[f];
    for (let t = 0; t < terms; t++) a += x[at + steps[t]] * w[f * terms + t];
    sums[f] = a;
  }
}
