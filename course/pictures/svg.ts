// Pictures out of blocks: grids of numbers and text, side by side or one below the other, as SVG. A picture has a ground of
// its own, light or dark as the reader's system is, so it can be read on any page. No layout engine, no library.

/** Something with a size that can be drawn at a place. */
export interface Block {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => string;
}

/** What a cell is: part of the window, the kernel, the result, what is pointed at, padding outside the image, or none of it. */
export type Mark = "window" | "kernel" | "result" | "point" | "outside" | "plain";

const CELL = 32;
const LETTER = 7.9; // width of a character of the text, in pixels
const STYLE = `
.ground{fill:#fff;stroke:#d0d0d5}.c{stroke:#8e8e98;fill:none}.window{fill:#cfe3ff}.kernel{fill:#ffe0bd}
.result{fill:#cdeccd}.point{fill:#ffc9d3;stroke-width:2}.outside{stroke-dasharray:3 3;opacity:.75}
text{font:14px ui-monospace,Menlo,Consolas,monospace;fill:#1c1c22;text-anchor:middle;dominant-baseline:central}
.left{text-anchor:start}.small{font-size:12px;fill:#55555f}.line{stroke:#8e8e98;fill:none}
.a{stroke:#1c5fc4;fill:none;stroke-width:2}.b{stroke:#b3500a;fill:none;stroke-width:2;stroke-dasharray:5 3}
.fa{fill:#1c5fc4}.fb{fill:#b3500a}
@media (prefers-color-scheme:dark){.ground{fill:#1e1e24;stroke:#44444e}.window{fill:#1f4170}.kernel{fill:#6b3f10}
.result{fill:#1f5a2c}.point{fill:#7a2440}text{fill:#f0f0f4}.small{fill:#b4b4c0}.a{stroke:#7db0ff}.b{stroke:#ffab66}
.fa{fill:#7db0ff}.fb{fill:#ffab66}}`.replace(/\n/g, "");

const round = (value: number): number => Math.round(value * 100) / 100;
const escape = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** A number as a picture shows it, with a true minus. */
export function number(value: number): string {
  return String(round(value)).replace("-", "\u2212").replace("Infinity", "\u221e");
}

/** A matrix as cells; `mark` says what each cell is. */
export function grid(
  matrix: readonly (readonly (number | string)[])[],
  mark?: (row: number, column: number) => Mark,
): Block {
  const widest = Math.max(...matrix.flat().map((value) => (typeof value === "number" ? number(value) : value).length));
  const wide = Math.max(CELL, widest * LETTER + 10);
  const cells = (x: number, y: number): string =>
    matrix
      .flatMap((row, i) =>
        row.map((value, j) => {
          const [left, top] = [round(x + j * wide), round(y + i * CELL)];
          const shown = typeof value === "number" ? number(value) : value;
          const text =
            shown === "" ? "" : `<text x="${round(left + wide / 2)}" y="${top + CELL / 2}">${escape(shown)}</text>`;
          const kind = mark?.(i, j) ?? "plain";
          return `<rect class="c ${kind}" x="${left}" y="${top}" width="${round(wide)}" height="${CELL}"/>${text}`;
        }),
      )
      .join("\n");
  return { width: matrix[0].length * wide, height: matrix.length * CELL, at: cells };
}

/** One line of text. */
export function text(line: string, kind: "left" | "small left" = "left"): Block {
  const width = line.length * (kind === "left" ? 8.5 : 7.3);
  const at = (x: number, y: number): string =>
    `<text class="${kind}" x="${round(x)}" y="${round(y + 9)}">${escape(line)}</text>`;
  return { width, height: 18, at };
}

/** Nothing, of a size. */
export function space(width: number, height: number): Block {
  return { width, height, at: () => "" };
}

/** Anything drawn by hand, given its size. */
export function drawing(width: number, height: number, at: (x: number, y: number) => string): Block {
  return { width, height, at };
}

/** Blocks side by side, centered. */
export function row(...blocks: readonly Block[]): Block {
  const gap = 12;
  const height = Math.max(...blocks.map((block) => block.height));
  const width = blocks.reduce((sum, block) => sum + block.width + gap, -gap);
  const at = (x: number, y: number): string => {
    let left = x;
    return blocks
      .map((block) => {
        const drawn = block.at(left, y + (height - block.height) / 2);
        left += block.width + gap;
        return drawn;
      })
      .join("\n");
  };
  return { width, height, at };
}

/** Blocks one below the other, at the left. */
export function column(...blocks: readonly Block[]): Block {
  const gap = 14;
  const height = blocks.reduce((sum, block) => sum + block.height + gap, -gap);
  const width = Math.max(...blocks.map((block) => block.width));
  const at = (x: number, y: number): string => {
    let top = y;
    return blocks
      .map((block) => {
        const drawn = block.at(x, top);
        top += block.height + gap;
        return drawn;
      })
      .join("\n");
  };
  return { width, height, at };
}

/** A block with a line of small text above it. */
export function named(name: string, block: Block): Block {
  const label = text(name, "small left");
  return {
    width: Math.max(block.width, label.width),
    height: block.height + 24,
    at: (x, y) => `${label.at(x, y)}\n${block.at(x, y + 24)}`,
  };
}

/** The file. */
export function picture(title: string, block: Block): string {
  const edge = 20;
  const [width, height] = [Math.ceil(block.width + 2 * edge), Math.ceil(block.height + 2 * edge)];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escape(title)}</title><style>${STYLE}</style>
<rect class="ground" x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8"/>
${block.at(edge, edge)}
</svg>
`;
}
