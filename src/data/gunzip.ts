// Unpacks gzip data through the platform's DecompressionStream (Node 18+, browsers, Deno, Bun), a piece at a time. Only what the
// platform leaves open is done by hand: to stop early, to go on with the next member, and to refuse what else follows the end.
import { ArgumentError, FormatError } from "../base/errors.js";

// Packed bytes that are handed over at once. Deflate packs at most 1032 to 1, so no more than 17 MB can come out of one
// piece, even where the platform unpacks a whole piece before it looks at the reader.
const PIECE = 16384;

// Places that look like the beginning of a member and are none cost a second unpacking each.
const MOST_FAILURES = 64;

/** True for bytes that begin as gzip data do. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The unpacked bytes, piece by piece; a caller that has seen enough leaves the loop, and nothing more is unpacked. Gzip data may be
 * several members, one after the other (RFC 1952, 2.2). Platforms unpack them all, refuse the second or pass over it, so each is
 * unpacked by itself.
 *
 * @throws FormatError when the data are damaged, cut short or followed by other bytes.
 */
export async function* gunzip(who: string, packed: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof DecompressionStream === "undefined") {
    throw new ArgumentError(`${who}: expected bytes that are not packed, got gzip data (no DecompressionStream here).`);
  }
  let given = 0; // bytes that the caller has
  let cause: unknown;

  // Unpacks one member, whose bytes come behind `before` others, and gives the caller what is new to it. Returns how many bytes
  // there are, or null if this is not one whole member.
  async function* member(
    from: number,
    to: number,
    before: number,
  ): AsyncGenerator<Uint8Array, number | null, undefined> {
    const reader = inPieces(packed.subarray(from, to)).pipeThrough(new DecompressionStream("gzip")).getReader();
    let size = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        size += value.length;
        const fresh = before + size - given;
        if (fresh <= 0) continue;
        given += fresh;
        yield value.subarray(value.length - fresh);
      }
    } catch (error) {
      cause = error;
      return null;
    } finally {
      // Stops the unpacking when the caller left the loop; after the end or an error it does nothing.
      await reader.cancel().catch(() => undefined);
    }
    // A member ends with its unpacked size modulo 2^32. Some platforms ignore bytes after the end; here they are refused.
    const stated = new DataView(packed.buffer, packed.byteOffset + to - 4, 4).getUint32(0, true);
    return size % 4294967296 === stated ? size : null;
  }

  let before = 0;
  for (let [start, end, failures] = [0, 0, 0]; start < packed.length;) {
    end = nextMember(packed, end + 1);
    const size = yield* member(start, end, before);
    if (size !== null) [start, before] = [end, before + size];
    else if (end === packed.length || ++failures > MOST_FAILURES) throw damaged(who, packed, { cause });
  }
}

// Where a member may begin, at `from` or behind it: bytes that stand by chance, too, once in 128 MB.
function nextMember(packed: Uint8Array, from: number): number {
  for (let at = packed.indexOf(0x1f, from); at >= 0; at = packed.indexOf(0x1f, at + 1)) {
    if (packed[at + 1] === 0x8b && packed[at + 2] === 8 && packed[at + 3] < 32) return at;
  }
  return packed.length;
}

function inPieces(packed: Uint8Array): ReadableStream<BufferSource> {
  let from = 0;
  return new ReadableStream({
    pull(controller): void {
      controller.enqueue(new Uint8Array(packed.subarray(from, from + PIECE)));
      from += PIECE;
      if (from >= packed.length) controller.close();
    },
  });
}

function damaged(who: string, packed: Uint8Array, options?: ErrorOptions): FormatError {
  return new FormatError(
    `${who}: expected the gzip data of one file, got ${packed.length} bytes that do not unpack ` +
      "(they are damaged, cut short, or go on after the end).",
    options,
  );
}
