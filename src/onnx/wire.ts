// The wire format of Protocol Buffers, driven by tables of fields (schema.ts). The varints and tags are
// @bufbuild/protobuf's; which fields there are and what they mean is not known here.
//
// Why not that package's generated messages: they make a BigInt of every 64-bit integer, have no limits of our own, and their
// errors do not say where in the file they stand; with the descriptors they read by they are also 18 kB gzipped, this and
// schema.ts with the reader and writer 5 kB.
import type { Bytes } from "../files/bytes.js";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { FormatError } from "../base/errors.js";

/** The kinds of fields that ONNX has, and how they read in JavaScript. 64-bit integers beyond 2^53 are rounded. */
interface Scalars {
  readonly int64: number;
  readonly int32: number;
  readonly float: number;
  readonly double: number;
  readonly string: string;
  readonly bytes: Uint8Array;
}

/** One field of a message: its number in the format, its kind, and whether there may be several. */
export interface Field {
  readonly number: number;
  readonly type: keyof Scalars | Fields;
  readonly repeated: boolean;
  /** How many are read at most. */
  readonly most?: number;
}

/** The fields of a message by name. */
export interface Fields {
  readonly [name: string]: Field;
}

type Value<T> = T extends keyof Scalars ? Scalars[T] : T extends Fields ? Message<T> : never;

/** A message as a plain object: arrays for repeated fields, undefined for single ones that are absent. */
export type Message<F extends Fields> = {
  readonly [K in keyof F]: F[K]["repeated"] extends true ? Value<F[K]["type"]>[] : Value<F[K]["type"]> | undefined;
};

/** A message to be written: what is left out is absent. */
export type Draft<F extends Fields> = {
  readonly [K in keyof F]?: F[K]["repeated"] extends true
    ? readonly DraftValue<F[K]["type"]>[]
    : DraftValue<F[K]["type"]>;
};

type DraftValue<T> = T extends keyof Scalars ? Scalars[T] : T extends Fields ? Draft<T> : never;

/** A field that is there once or not at all. */
export function one<T extends Field["type"]>(number: number, type: T): { number: number; type: T; repeated: false } {
  return { number, type, repeated: false };
}

/** A field that may be there many times, `most` at most. */
export function many<T extends Field["type"]>(
  number: number,
  type: T,
  most = Infinity,
): { number: number; type: T; repeated: true; most: number } {
  return { number, type, repeated: true, most };
}

/** The bytes of a message, fields in the order of the table. */
export function encode<F extends Fields>(fields: F, message: Draft<F>): Bytes {
  const writer = new BinaryWriter();
  write(writer, fields, message);
  return writer.finish() as Bytes;
}

function write(writer: BinaryWriter, fields: Fields, message: Readonly<Record<string, unknown>>): void {
  for (const [name, field] of Object.entries(fields)) {
    const value = message[name];
    if (value === undefined) continue;
    for (const single of field.repeated ? (value as unknown[]) : [value]) writeValue(writer, field, single);
  }
}

function writeValue(writer: BinaryWriter, { number, type }: Field, value: unknown): void {
  if (typeof type === "object") {
    writer.tag(number, WireType.LengthDelimited).fork();
    write(writer, type, value as Readonly<Record<string, unknown>>);
    writer.join();
    return;
  }
  writer.tag(number, WIRE_TYPES[type]);
  if (type === "string") writer.string(value as string);
  else if (type === "bytes") writer.bytes(value as Uint8Array);
  else writer[type](value as number);
}

const WIRE_TYPES: Readonly<Record<keyof Scalars, WireType>> = {
  int64: WireType.Varint,
  int32: WireType.Varint,
  float: WireType.Bit32,
  double: WireType.Bit64,
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
};

/**
 * The message in these bytes. Fields that the table does not have are skipped; `bytes` fields are views, not copies. Nothing is
 * allocated by what a length says before that many bytes are known to be there.
 *
 * @param trail where the message stands, for errors: "graph.node[3]"
 * @throws FormatError when the bytes are not such a message
 */
export function decode<F extends Fields>(who: string, fields: F, bytes: Uint8Array, trail = ""): Message<F> {
  const table = tableOf(fields);
  const message: Record<string, unknown> = {};
  for (const [name, { repeated }] of table.values()) message[name] = repeated ? [] : undefined;
  const reader = new BinaryReader(bytes);
  let place = trail;
  try {
    while (reader.pos < reader.len) {
      place = trail;
      const [number, wireType] = reader.tag();
      const [name, field] = table.get(number) ?? [];
      if (name === undefined || field === undefined) {
        skip(reader, wireType, number);
        continue;
      }
      const list = message[name];
      place = (trail === "" ? name : `${trail}.${name}`) + (Array.isArray(list) ? `[${list.length}]` : "");
      if (Array.isArray(list)) readInto(who, list, reader, wireType, field, place);
      else message[name] = readOnce(who, message[name], reader, wireType, field, place);
    }
  } catch (error) {
    if (error instanceof FormatError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FormatError(`${who}: expected a whole ONNX file, got one that breaks${at(place)}: ${reason}.`);
  }
  return message as Message<F>;
}

type Table = ReadonlyMap<number, readonly [name: string, field: Field]>;

const TABLES = new WeakMap<Fields, Table>();

function tableOf(fields: Fields): Table {
  let table = TABLES.get(fields);
  if (table === undefined) {
    table = new Map(Object.entries(fields).map(([name, field]) => [field.number, [name, field]]));
    TABLES.set(fields, table);
  }
  return table;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// Groups are a form that ONNX never had; skipping them would need a recursion.
function skip(reader: BinaryReader, wireType: WireType, number: number): void {
  if (wireType === WireType.StartGroup || wireType === WireType.EndGroup) throw new Error(`group ${number}`);
  reader.skip(wireType, number);
}

function readOnce(
  who: string,
  before: unknown,
  reader: BinaryReader,
  wireType: WireType,
  field: Field,
  place: string,
): unknown {
  // The rule of Protocol Buffers: of a number or text that is there twice the last one counts.
  if (typeof field.type === "object" && before !== undefined) throw new Error("it is there twice");
  return readValue(who, reader, wireType, field, place);
}

function readInto(
  who: string,
  list: unknown[],
  reader: BinaryReader,
  wireType: WireType,
  field: Field,
  place: string,
): void {
  const { type, most = Infinity } = field;
  if (typeof type === "string" && wireType === WireType.LengthDelimited && WIRE_TYPES[type] !== wireType) {
    const end = reader.uint32() + reader.pos; // packed: the numbers one after the other
    if (end > reader.len) throw new RangeError("premature EOF");
    while (reader.pos < end) list.push(readNumber(reader, type));
    if (reader.pos !== end) throw new Error("its numbers do not end where its length says");
  } else {
    list.push(readValue(who, reader, wireType, field, place));
  }
  if (list.length > most) throw new Error(`there are more than ${most}`);
}

function readValue(who: string, reader: BinaryReader, wireType: WireType, { type }: Field, place: string): unknown {
  const expected = typeof type === "object" ? WireType.LengthDelimited : WIRE_TYPES[type];
  if (wireType !== expected) throw new Error(`expected wire type ${expected}, got ${wireType}`);
  if (typeof type === "object") return decode(who, type, reader.bytes(), place);
  if (type === "bytes") return reader.bytes();
  if (type === "string") return UTF8.decode(reader.bytes());
  return readNumber(reader, type);
}

function readNumber(reader: BinaryReader, type: keyof Scalars): number {
  switch (type) {
    case "float":
      return reader.float();
    case "double":
      return reader.double();
    case "int32":
      return reader.int32();
    default:
      return Number(reader.int64());
  }
}

function at(place: string): string {
  return place === "" ? "" : ` in ${place}`;
}
