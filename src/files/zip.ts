// The directory of a zip archive, read strictly: which members there are and where their bytes lie. Unpacking and writing
// are fflate's (npz.ts); its own reader of directories believes sizes, offsets and names, does not look at checksums, and
// unpacks what overlaps. APPNOTE 6.3: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
import { describeBytes } from "../data/foreign.js";
import { FormatError } from "../base/errors.js";
import { quote } from "./json.js";
import { decodeUtf8 } from "./utf8.js";

/** One member of an archive; offsets count from the start of the file. */
export interface ZipMember {
  readonly name: string;
  /** Whether it is packed by deflate; otherwise the bytes stand as they are. */
  readonly deflated: boolean;
  /** CRC-32 of the unpacked bytes. */
  readonly crc: number;
  /** Bytes when unpacked, as the directory says. */
  readonly size: number;
  /** Where its own header begins; the data are from begin to end. */
  readonly start: number;
  readonly begin: number;
  readonly end: number;
}

const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const END_SIZE = 22;
const CENTRAL_SIZE = 46;
const LOCAL_SIZE = 30;
const MOST_EXPANSION = 1032; // of deflate: 258 bytes from two bits

/** Reads and checks the directory; nothing is allocated by what it says about sizes. */
export function readZipDirectory(who: string, file: Uint8Array): ZipMember[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const endAt = findEnd(who, file, view);
  const [disk, startDisk, here, count] = [4, 6, 8, 10].map((offset) => view.getUint16(endAt + offset, true));
  const [size, start] = [12, 16].map((offset) => view.getUint32(endAt + offset, true));
  if (disk !== 0 || startDisk !== 0 || here !== count || count === 0xffff || start === 0xffffffff) {
    throw new FormatError(`${who}: expected one zip archive of less than 4 GiB, got a part of one, or a larger one.`);
  }
  if (start + size !== endAt || size < count * CENTRAL_SIZE) throw damaged(who, "its directory is not where it says");
  const members: ZipMember[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_SIZE > endAt || view.getUint32(at, true) !== CENTRAL)
      throw damaged(who, `entry ${i} is not there`);
    const next = at + CENTRAL_SIZE + [28, 30, 32].reduce((sum, offset) => sum + view.getUint16(at + offset, true), 0);
    if (next > endAt) throw damaged(who, `entry ${i} goes beyond the directory`);
    members.push(readMember(who, file, view, at, start));
    at = next;
  }
  if (at !== endAt) throw damaged(who, "its directory is longer than its entries");
  checkOverlap(who, members);
  return members;
}

// The end record is 22 bytes and a comment, whose length must reach to the end of the file.
function findEnd(who: string, file: Uint8Array, view: DataView): number {
  if (file.length >= 4 && view.getUint32(0, true) !== LOCAL && view.getUint32(0, true) !== END) {
    throw new FormatError(`${who}: expected a zip archive (it begins with 50 4b), got ${describeBytes(file)}.`);
  }
  for (let at = file.length - END_SIZE; at >= 0 && at >= file.length - END_SIZE - 0xffff; at--) {
    if (view.getUint32(at, true) !== END) continue;
    if (at + END_SIZE + view.getUint16(at + 20, true) === file.length) return at;
  }
  throw new FormatError(
    `${who}: expected a zip archive with its directory at the end, got none (the file is cut short).`,
  );
}

function readMember(who: string, file: Uint8Array, view: DataView, at: number, directory: number): ZipMember {
  const [flags, method] = [8, 10].map((offset) => view.getUint16(at + offset, true));
  const [crc, packed, size] = [16, 20, 24].map((offset) => view.getUint32(at + offset, true));
  const nameLength = view.getUint16(at + 28, true);
  const nameBytes = file.subarray(at + CENTRAL_SIZE, at + CENTRAL_SIZE + nameLength);
  const name = decodeUtf8(who, "names of members", nameBytes);
  const member = `${who}: member ${quote(name)}`;
  if ((flags & 1) !== 0) throw new FormatError(`${member}: expected plain data, got encrypted ones.`);
  if (method !== 0 && method !== 8) {
    throw new FormatError(`${member}: expected stored or deflated data (method 0 or 8), got method ${method}.`);
  }
  const local = view.getUint32(at + 42, true);
  if (local + LOCAL_SIZE > directory || view.getUint32(local, true) !== LOCAL) throw damaged(member, "it is not there");
  const localName = local + LOCAL_SIZE;
  const begin = localName + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const end = begin + packed;
  if (end > directory) throw damaged(member, "it goes into the directory");
  const sameName = nameBytes.every((byte, i) => file[localName + i] === byte);
  if (!sameName || view.getUint16(local + 26, true) !== nameLength || view.getUint16(local + 8, true) !== method) {
    throw damaged(member, "it has another name or method in its own header");
  }
  if (method === 0 ? size !== packed : size > MOST_EXPANSION * packed) {
    throw damaged(member, `${packed} packed bytes cannot be ${size}`);
  }
  return { name, deflated: method === 8, crc, size, start: local, begin, end };
}

// Members that share bytes make a small archive unpack to a huge one.
function checkOverlap(who: string, members: readonly ZipMember[]): void {
  let end = 0;
  for (const member of [...members].sort((a, b) => a.start - b.start)) {
    if (member.start < end) throw damaged(`${who}: member ${quote(member.name)}`, "it overlaps another one");
    end = member.end;
  }
}

function damaged(who: string, fault: string): FormatError {
  return new FormatError(`${who}: expected a whole zip archive, got a damaged one (${fault}).`);
}
