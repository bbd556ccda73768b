// Texts on a terminal: how wide they are, and what must not get there.

// Wide characters of East Asia, and pictures.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const MARKS = /\p{Mark}|\u200d/u;

/** A name in one line: a name of a class may come from a file, and must not control the terminal. */
export function plainLine(text: string): string {
  return text.replace(/\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu, "?");
}

/** Columns that a text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += MARKS.test(character) ? 0 : WIDE.test(character) ? 2 : 1;
  return width;
}

/** The text in so many columns, cut with an ellipsis or filled with spaces. */
export function fitted(text: string, width: number, side: "left" | "right"): string {
  let [cut, used] = ["", 0];
  if (widthOf(text) > width) {
    for (const character of text) {
      if (used + widthOf(character) > width - 1) break;
      cut += character;
      used += widthOf(character);
    }
    cut += "…";
    used += 1;
  } else [cut, used] = [text, widthOf(text)];
  const space = " ".repeat(width - used);
  return side === "left" ? cut + space : space + cut;
}

/** What of Node's process is looked at. */
interface Host {
  readonly process?: {
    readonly stdout?: { readonly isTTY?: boolean; readonly columns?: number };
    readonly env?: Readonly<Record<string, string | undefined>>;
  };
}

/** Columns of the terminal; 80 where there is none. */
export function columnsHere(): number {
  const columns = (globalThis as Host).process?.stdout?.columns;
  return columns !== undefined && columns > 0 ? columns : 80;
}

/** Whether there is a terminal that shows colors, and nobody asked for none. */
export function colorsHere(): boolean {
  const { stdout, env } = (globalThis as Host).process ?? {};
  return stdout?.isTTY === true && (env?.NO_COLOR ?? "") === "" && env?.TERM !== "dumb";
}
