// Reads the kernels' bytes from the text that scripts/build-kernels.mjs makes of them. No other format.

/**
 * The bytes of a text. `values` has all 256 bytes, two hexadecimal digits each; a letter at place k of `letters` means byte
 * k of them. The last two letters stand for nothing alone: with the letter behind they make the places that are left.
 */
export function decode(text: string, letters: string, values: string): Uint8Array<ArrayBuffer> {
  const single = letters.length - 2;
  const bytes = new Uint8Array(text.length);
  let length = 0;
  const placeAt = new Uint8Array(128);
  for (let i = 0; i < letters.length; i++) placeAt[letters.charCodeAt(i)] = i;
  const byteAt = Uint8Array.from({ length: 256 }, (_, i) => parseInt(values.slice(2 * i, 2 * i + 2), 16));
  for (let i = 0; i < text.length; i++) {
    let place = placeAt[text.charCodeAt(i)];
    if (place >= single) place = single + (place - single) * letters.length + placeAt[text.charCodeAt(++i)];
    bytes[length++] = byteAt[place];
  }
  return bytes.slice(0, length);
}
