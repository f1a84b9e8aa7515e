// A zip without compression, as Python's zipfile writes it for a kit, byte for byte; all times are 1980-01-01.
import { type Bytes, concat, utf8 } from "../signing/bytes.js";
import { readBlob } from "./hashed.js";

/** One file of a zip. */
export interface ZipFile {
  readonly name: string;
  readonly content: Blob;
}

const MOST = 0xffffffff;
/** Sizes and places beyond this are written in eight bytes, though four could hold twice as much: Python's limit. */
const LIMIT = 0x7fffffff;
const LONG_VERSION = 45;
const VERSION = 20;
const UNIX = 3;
const FIRST_DAY = (1 << 5) | 1;
const PRIVATE = 0o600;
const IN_UTF8 = 1 << 11;

/** Return a zip of these files. Contents are not copied: the blob refers to theirs. */
export async function zip(files: readonly ZipFile[]): Promise<Blob> {
  const parts: (Bytes | Blob)[] = [];
  const directory: Bytes[] = [];
  let at = 0;
  for (const file of files) {
    const name = utf8(file.name);
    const sum = await crc32(file.content);
    const local = localHeader(name, file, sum);
    parts.push(local, file.content);
    directory.push(directoryEntry(name, file, sum, at));
    at += local.length + file.content.size;
  }
  const listing = concat(...directory);
  return new Blob([...parts, listing, end(files.length, listing.length, at)], { type: "application/zip" });
}

/** Says of a name that it is UTF-8; without this, whoever unpacks it takes it for letters of an old alphabet. */
function flagsOf(name: Bytes): number {
  return name.some((byte) => byte > 0x7f) ? IN_UTF8 : 0;
}

function localHeader(name: Bytes, file: ZipFile, sum: number): Bytes {
  const { size } = file.content;
  const long = size > LIMIT;
  const extra = long ? fields([2, 1], [2, 16], [8, size], [8, size]) : new Uint8Array();
  const shown = long ? MOST : size;
  return concat(
    fields(
      [4, 0x04034b50],
      [2, long ? LONG_VERSION : VERSION],
      [2, flagsOf(name)],
      [2, 0],
      [2, 0],
      [2, FIRST_DAY],
      [4, sum],
      [4, shown],
      [4, shown],
      [2, name.length],
      [2, extra.length],
    ),
    name,
    extra,
  );
}

function directoryEntry(name: Bytes, file: ZipFile, sum: number, at: number): Bytes {
  const { size } = file.content;
  const large = size > LIMIT;
  const far = at > LIMIT;
  const long = [
    ...(large ? [[8, size] as const, [8, size] as const] : []),
    ...(far ? [[8, at] as const] : []),
  ];
  const extra = long.length > 0 ? fields([2, 1], [2, 8 * long.length], ...long) : new Uint8Array();
  const version = long.length > 0 ? LONG_VERSION : VERSION;
  return concat(
    fields(
      [4, 0x02014b50],
      [1, version],
      [1, UNIX],
      [2, version],
      [2, flagsOf(name)],
      [2, 0],
      [2, 0],
      [2, FIRST_DAY],
      [4, sum],
      [4, large ? MOST : size],
      [4, large ? MOST : size],
      [2, name.length],
      [2, extra.length],
      [2, 0],
      [2, 0],
      [2, 0],
      [4, PRIVATE * 0x10000],
      [4, far ? MOST : at],
    ),
    name,
    extra,
  );
}

function end(count: number, size: number, at: number): Bytes {
  const far = at > LIMIT;
  const last = fields(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, size],
    [4, far ? MOST : at],
    [2, 0],
  );
  if (!far) return last;
  const long = fields(
    [4, 0x06064b50],
    [8, 44],
    [2, LONG_VERSION],
    [2, LONG_VERSION],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, size],
    [8, at],
  );
  return concat(long, fields([4, 0x07064b50], [4, 0], [8, at + size], [4, 1]), last);
}

/** Little-endian numbers, each as many bytes wide as it says. */
function fields(...numbers: readonly (readonly [width: number, value: number])[]): Bytes {
  const parts = numbers.map(([width, value]) => {
    const data = new DataView(new ArrayBuffer(8));
    data.setBigUint64(0, BigInt(value), true);
    return new Uint8Array(data.buffer).subarray(0, width);
  });
  return concat(...parts);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

async function crc32(file: Blob): Promise<number> {
  let sum = 0xffffffff;
  for await (const piece of readBlob(file)) {
    for (const byte of piece) sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 0xff] ?? 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}
