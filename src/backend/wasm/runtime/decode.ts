// Reads the kernels' bytes from the text that scripts/build-kernels.mjs makes of them. No other format.

/**
 * The bytes of a text. Each letter but the last two of `letters` stands for one byte; `values` has these bytes in the same
 * order, two hexadecimal digits each. The last two letters stand for nothing alone: with the letter behind they make places
 * for the other bytes, in ascending order.
 */
export function decode(text: string, letters: string, values: string): Uint8Array<ArrayBuffer> {
  const single = letters.length - 2;
  const placeAt = new Uint8Array(128);
  for (let i = 0; i < letters.length; i++) placeAt[letters.charCodeAt(i)] = i;
  const byteAt = Array.from({ length: single }, (_, i) => parseInt(values.slice(2 * i, 2 * i + 2), 16));
  for (let byte = 0; byte < 256; byte++) if (!byteAt.includes(byte)) byteAt.push(byte);
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let place = placeAt[text.charCodeAt(i)];
    if (place >= single) place = single + (place - single) * letters.length + placeAt[text.charCodeAt(++i)];
    bytes[length++] = byteAt[place];
  }
  return bytes.slice(0, length);
}
