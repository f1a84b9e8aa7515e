// POSIX tar, as Python's tarfile writes it with pax headers, byte for byte; read strictly, members that are files only.
import { type Bytes, concat, fromUtf8, isAscii, utf8 } from "../signing/bytes.js";
import type { Source } from "./age/source.js";

export const BLOCK = 512;

const NAME = 100;
const LARGEST_IN_OCTAL = 8 ** 11 - 1;
const LONGEST_RECORDS = 1 << 20;
const PIECE = 256 * 1024;

/** What is not a tar, or is cut off. */
export class TarError extends Error {}

/** A member as it is met: to be read to its end before the next one. */
export interface Member {
  readonly name: string;
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Return the header of a file, and before it a pax header where name or size need one. */
export function header(name: string, size: number): Bytes {
  const records: (readonly [string, string])[] = [];
  if (!isAscii(name) || name.length > NAME) records.push(["path", name]);
  if (size > LARGEST_IN_OCTAL) records.push(["size", String(size)]);
  const plain = block(name, size > LARGEST_IN_OCTAL ? 0 : size, "0", 0o600);
  if (records.length === 0) return plain;
  const payload = concat(...records.map(([key, value]) => record(key, value)));
  const extended = block("././@PaxHeader", payload.length, "x", 0);
  return concat(extended, payload, new Uint8Array(filling(payload.length)), plain);
}

/** How many zeros follow contents of this size. */
export function filling(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** Give the members of a tar up to its empty block. Throws TarError for anything but files. */
export async function* members(source: Source): AsyncGenerator<Member, undefined> {
  let extra = new Map<string, string>();
  for (;;) {
    const head = await source.read(BLOCK);
    if (head.length === BLOCK && head.every((byte) => byte === 0)) return undefined;
    const { name, size, type } = parse(head);
    if (type === "x") {
      if (size > LONGEST_RECORDS) throw new TarError("long records");
      extra = records(await whole(source, size));
      continue;
    }
    if (type !== "0" && type !== "\0") throw new TarError("not a file");
    const real = extra.has("size") ? decimal(extra.get("size") ?? "") : size;
    const left = { size: real };
    yield { name: extra.get("path") ?? name, size: real, content: content(source, left) };
    if (left.size > 0) throw new TarError("a member was not read");
    extra = new Map();
  }
}

async function* content(source: Source, left: { size: number }): AsyncGenerator<Uint8Array> {
  const end = filling(left.size);
  while (left.size > 0) {
    const piece = await source.read(Math.min(PIECE, left.size));
    if (piece.length === 0) throw new TarError("cut off");
    left.size -= piece.length;
    yield piece;
  }
  await source.read(end);
}

async function whole(source: Source, size: number): Promise<Uint8Array> {
  const data = await source.read(size);
  if (data.length < size) throw new TarError("cut off");
  await source.read(filling(size));
  return data;
}

function block(name: string, size: number, type: string, mode: number): Bytes {
  const head = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void => {
    head.set(utf8(text), at);
  };
  // Where a pax header carries the name, the plain one is only a hint: one question mark a character.
  put(
    0,
    Array.from(name, (character) => (isAscii(character) ? character : "?"))
      .join("")
      .slice(0, NAME),
  );
  put(100, octal(mode, 7) + "\0" + octal(0, 7) + "\0" + octal(0, 7) + "\0");
  put(124, octal(size, 11) + "\0" + octal(0, 11) + "\0");
  put(148, " ".repeat(8) + type);
  put(257, "ustar\x0000");
  put(148, octal(sum(head), 6) + "\0 ");
  return head;
}

/** A pax record is its own length, a space, key, equals sign, value and line feed. */
function record(key: string, value: string): Bytes {
  const rest = utf8(` ${key}=${value}\n`);
  let length = rest.length;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return concat(utf8(String(length)), rest);
}

function records(data: Uint8Array): Map<string, string> {
  const found = new Map<string, string>();
  while (data.length > 0) {
    const space = data.indexOf(32);
    const length = decimal(fromUtf8(data.subarray(0, Math.max(space, 0))) ?? "");
    const text = fromUtf8(data.subarray(space + 1, length));
    const equals = text?.indexOf("=") ?? -1;
    if (text === undefined || !text.endsWith("\n") || equals < 1) throw new TarError("a record");
    found.set(text.slice(0, equals), text.slice(equals + 1, -1));
    data = data.subarray(length);
  }
  return found;
}

function parse(head: Uint8Array): { name: string; size: number; type: string } {
  if (head.length < BLOCK) throw new TarError("cut off");
  const field = (at: number, size: number): string => {
    const raw = head.subarray(at, at + size);
    const end = raw.indexOf(0);
    return fromUtf8(end < 0 ? raw : raw.subarray(0, end)) ?? "";
  };
  const unsummed = head.slice().fill(32, 148, 156);
  if (parseInt(field(148, 8), 8) !== sum(unsummed)) throw new TarError("a checksum");
  const prefix = field(257, 5) === "ustar" ? field(345, 155) : "";
  const size = field(124, 12).trim();
  if (!/^[0-7]+$/.test(size)) throw new TarError("a size");
  return {
    name: (prefix === "" ? "" : prefix + "/") + field(0, NAME),
    size: parseInt(size, 8),
    type: String.fromCharCode(head[156] ?? 0),
  };
}

function decimal(text: string): number {
  const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new TarError("a number");
  return value;
}

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width, "0");
}

function sum(head: Uint8Array): number {
  return head.reduce((total, byte) => total + byte, 0);
}
