// Unpacks gzip data through the platform's DecompressionStream (Node 18+, browsers, Deno, Bun), a piece at a time. Only what the
// platform leaves open is done by hand: to stop early, and to refuse what follows the end, which some platforms pass over.
import { ArgumentError, FormatError } from "../base/errors.js";

// Packed bytes that are handed over at once. Deflate packs at most 1032 to 1, so no more than 17 MB can come out of one
// piece, even where the platform unpacks a whole piece before it looks at the reader.
const PIECE = 16384;

/** True for bytes that begin as gzip data do. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The unpacked bytes, piece by piece; a caller that has seen enough leaves the loop, and nothing more is unpacked.
 *
 * @throws FormatError when the data are damaged, cut short or followed by other bytes.
 */
export async function* gunzip(who: string, packed: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof DecompressionStream === "undefined") {
    throw new ArgumentError(`${who}: expected bytes that are not packed, got gzip data (no DecompressionStream here).`);
  }
  const reader = inPieces(packed).pipeThrough(new DecompressionStream("gzip")).getReader();
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throw damaged(who, packed, { cause });
      });
      if (done) break;
      size += value.length;
      yield value;
    }
  } finally {
    // Stops the unpacking when the caller left the loop; after the end or an error it does nothing.
    await reader.cancel().catch(() => undefined);
  }
  checkTrailer(who, packed, size);
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

// Gzip data end with the unpacked size modulo 2^32. Some platforms ignore bytes after the end, others refuse them; here
// they are refused everywhere.
function checkTrailer(who: string, packed: Uint8Array, size: number): void {
  const stated = new DataView(packed.buffer, packed.byteOffset + packed.length - 4, 4).getUint32(0, true);
  if (stated !== size % 4294967296) throw damaged(who, packed);
}

function damaged(who: string, packed: Uint8Array, options?: ErrorOptions): FormatError {
  return new FormatError(
    `${who}: expected the gzip data of one file, got ${packed.length} bytes that do not unpack ` +
      "(they are damaged, cut short, or go on after the end).",
    options,
  );
}
