// Builds safetensors files by hand, right or wrong, byte for byte: independent of the library's writer.

/** A file of this header (an object, or the text itself) and these data bytes. */
export function safetensorsFile(header: object | string | Uint8Array, data: ArrayLike<number> = []): Uint8Array {
  const text = typeof header === "string" || header instanceof Uint8Array ? header : JSON.stringify(header);
  const json = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setUint32(0, json.length, true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

/** A file of one tensor named "x". */
export function oneTensorFile(dtype: string, shape: readonly number[], numbers: ArrayBufferView): Uint8Array {
  const data = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return safetensorsFile({ x: { dtype, shape, data_offsets: [0, data.length] } }, data);
}
