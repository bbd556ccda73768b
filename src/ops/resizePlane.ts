// Images of another size: separable resampling with a triangle, as Pillow's BILINEAR and PyTorch's interpolate with
// antialias. Larger images are not merely sampled, so thin strokes survive.

/** The plane [H, W] as [OH, OW]; the same array if the size is the same. */
export function resizePlane(plane: Float64Array, H: number, W: number, OH: number, OW: number): Float64Array {
  const wide = resizeRows(plane, H, W, OW);
  return transpose(resizeRows(transpose(wide, H, OW), OW, H, OH), OW, OH);
}

// y[r, o] = sum over i of w[i] x[r, i] / sum of w, with w[i] = max(0, 1 - |(i + 1/2 - center) / support|),
// center = (o + 1/2) * W / OW and support = max(W / OW, 1).
function resizeRows(x: Float64Array, rows: number, W: number, OW: number): Float64Array {
  if (W === OW) return x;
  const y = new Float64Array(rows * OW);
  const support = Math.max(W / OW, 1);
  for (let o = 0; o < OW; o++) {
    const center = ((o + 0.5) * W) / OW;
    const first = Math.max(0, Math.floor(center - support + 0.5));
    const end = Math.min(W, Math.floor(center + support + 0.5));
    const weights = new Float64Array(end - first);
    let total = 0;
    for (let i = first; i < end; i++) {
      weights[i - first] = Math.max(0, 1 - Math.abs((i + 0.5 - center) / support));
      total += weights[i - first];
    }
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = first; i < end; i++) sum += weights[i - first] * x[row * W + i];
      y[row * OW + o] = sum / total;
    }
  }
  return y;
}

function transpose(x: Float64Array, rows: number, columns: number): Float64Array {
  if (rows === 1 || columns === 1) return x;
  const y = new Float64Array(x.length);
  for (let row = 0; row < rows; row++) for (let c = 0; c < columns; c++) y[c * rows + row] = x[row * columns + c];
  return y;
}
