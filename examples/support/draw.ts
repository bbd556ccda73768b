// Pictures out of characters: images, feature maps and bars for a terminal.
import type { Tensor } from "handgrad";

const SHADES = " .:-=+*#%@";

/** Lines of an [H, W] image; a character is `step` columns wide and 2 * `step` rows high, as characters are. */
export function drawImage(image: Tensor, step: number = 1): string[] {
  const [h, w] = image.shape;
  const low = image.data.reduce((a, b) => Math.min(a, b), Infinity);
  const high = image.data.reduce((a, b) => Math.max(a, b), -Infinity);
  const lines: string[] = [];
  for (let i = 0; i < h; i += 2 * step) {
    let line = "";
    for (let j = 0; j < w; j += step) {
      const block = image.slice([i, Math.min(i + 2 * step, h)], [j, Math.min(j + step, w)]);
      const mean = block.data.reduce((a, b) => a + b, 0) / block.size;
      const level = high > low ? (mean - low) / (high - low) : 0;
      line += SHADES[Math.min(SHADES.length - 1, Math.floor(level * SHADES.length))];
    }
    lines.push(line);
  }
  return lines;
}

/** Blocks of lines side by side, as many in a row as fit into `columns`. */
export function sideBySide(blocks: readonly (readonly string[])[], columns: number, gap: string = "  "): string {
  const width = Math.max(...blocks.flat().map((line) => line.length));
  const perRow = Math.max(1, Math.floor((columns + gap.length) / (width + gap.length)));
  const rows: string[] = [];
  for (let first = 0; first < blocks.length; first += perRow) {
    const row = blocks.slice(first, first + perRow);
    const height = Math.max(...row.map((block) => block.length));
    for (let i = 0; i < height; i++)
      rows.push(
        row
          .map((block) => (block[i] ?? "").padEnd(width))
          .join(gap)
          .trimEnd(),
      );
    rows.push("");
  }
  return rows.join("\n");
}

/** A bar of up to `width` characters for a share from 0 to 1. */
export function bar(share: number, width: number): string {
  return "#".repeat(Math.round(share * width));
}
