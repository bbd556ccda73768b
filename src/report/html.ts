// Pieces of HTML: what is interpolated into one is escaped, unless it is a piece itself. It knows no tags.

/** A piece of HTML. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a piece: another one, a text or number (escaped), a list of them, or nothing. */
export type Part = Html | string | number | null | undefined | false | readonly Part[];

const NAMES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

// Control characters, and halves of pairs, are no text that HTML could hold.
const UNREADABLE =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text as it may stand between tags and in attributes with quotes. */
export function escaped(text: string): string {
  return text.replace(UNREADABLE, "\ufffd").replace(/[&<>"']/g, (character) => NAMES[character]);
}

/**
 * A piece of HTML from a template: markup`<p title="${name}">${text}</p>`. Attributes have to have quotes. Line breaks of the template,
 * and the spaces that indent its lines, are not in the piece.
 */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((text, next, i) => text + written(parts[i - 1]) + joined(next), ""));
}

// A break between tags, or beside what is interpolated, is nothing; one in a tag, between attributes, is a space.
function joined(text: string): string {
  return text.replace(/\n\s*/g, (gap, at: number) => {
    const [before, after] = [text[at - 1] ?? ">", text[at + gap.length] ?? "<"];
    return before === ">" || after === "<" ? "" : " ";
  });
}

function written(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(written).join("");
  return escaped(String(part));
}

/** Data for a script, as JSON that cannot end the element it stands in. */
export function dataBlock(id: string, data: unknown): Html {
  const json = JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return new Html(`<script type="application/json" id="${escaped(id)}">${json}</script>`);
}
