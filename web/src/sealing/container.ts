// Twin of src/lastwords/sealing/container.py: a plain tar with a readable index first, padded to a Padmé size.
import { fromUtf8, utf8 } from "../signing/bytes.js";
import { isObject } from "../signing/canonical.js";
import { type Progress, told } from "./age/files.js";
import { all, type Pieces, Source } from "./age/source.js";
import { drain, keep, readBlob } from "./hashed.js";
import { ContainerRefused } from "./refusals.js";
import * as tar from "./tar.js";

export const FORMAT = "lastwords/v1/container";
export const INDEX_NAME = "index.json";
export const LEAST_SIZE = 16 * 1024;
export const MOST_ITEMS = 10_000;

const PIECE = 256 * 1024;
const LONGEST_INDEX = 8 << 20;

/** Gives a whole container, padding included, piece by piece; may be asked more than once. */
export type Pack = (progress?: Progress) => AsyncIterable<Uint8Array>;

/** One item as the index tells of it: `size` in bytes, `media` a media type, `title` for people. */
export interface Entry {
  readonly name: string;
  readonly size: number;
  readonly media: string;
  readonly title: string;
}

/** One of the words, to be packed: its bytes, or a file. */
export interface Item {
  readonly name: string;
  readonly content: Uint8Array | Blob;
  readonly media?: string;
  readonly title?: string;
}

/** A container that was opened: its index, and every item by its name. */
export interface Opened {
  readonly entries: readonly Entry[];
  readonly files: ReadonlyMap<string, Blob>;
}

/** Return the Padmé size of `size`, both in bytes: the next number with few significant bits. */
export function padded(size: number): number {
  const least = Math.max(size, LEAST_SIZE);
  const exponent = BigInt(least).toString(2).length - 1;
  const free = exponent - exponent.toString(2).length;
  const unit = 2 ** free;
  return Math.ceil(least / unit) * unit;
}

/** Return what the index will say of an item, with the size as it is now. */
export function entryOf({ name, content, media = "", title = "" }: Item): Entry {
  return { name, size: content instanceof Uint8Array ? content.length : content.size, media, title };
}

/** Give a container of these items. Throws ContainerRefused for names that could not be unpacked safely. */
export async function* pack(items: readonly Item[], progress?: Progress): AsyncGenerator<Uint8Array> {
  const entries = items.map(entryOf);
  checkEntries(entries);
  const index = utf8(JSON.stringify({ format: FORMAT, items: entries }, null, 2) + "\n");
  let written = 0;
  const counted = (size: number): void => void (written += size);
  yield* told(member(INDEX_NAME, index.length, [index]), counted);
  for (const item of items) {
    const entry = entryOf(item);
    yield* told(member(entry.name, entry.size, told(exactly(item.content, entry), progress)), counted);
  }
  const end = padded(written + 2 * tar.BLOCK);
  for (let at = written; at < end; at += PIECE) yield new Uint8Array(Math.min(PIECE, end - at));
}

/** Return a pack of items, for `tracks`. */
export function items(contents: Iterable<Item>): Pack {
  const fixed = [...contents];
  return (progress) => pack(fixed, progress);
}

/**
 * Read the items of a container; they are given all together, after the last byte was read and found genuine.
 *
 * Throws ContainerRefused, and whatever reading `pieces` throws.
 */
export async function unpack(pieces: Pieces, progress?: Progress): Promise<Opened> {
  const source = new Source(pieces);
  try {
    return await unpackFrom(source, progress);
  } catch (error) {
    if (!(error instanceof tar.TarError)) throw error;
    throw error.message === "not a file"
      ? refused("it holds something else than files")
      : refused("it is not a tar, or it is cut off");
  }
}

async function unpackFrom(source: Source, progress?: Progress): Promise<Opened> {
  const found = tar.members(source);
  const entries = await readIndex(found);
  const files = new Map<string, Blob>();
  const expected: Iterator<Entry, undefined> = entries.values();
  for await (const { name, size, content } of found) {
    const { value: entry } = expected.next();
    if (entry?.name !== name || entry.size !== size) throw refused("its index does not fit its contents");
    files.set(name, await keep(told(content, progress), entry.media));
  }
  if (!expected.next().done) throw refused("an item of its index is missing");
  // Only the end of the sealed stream proves that nothing was cut off.
  await drain(source.rest());
  return { entries, files };
}

async function readIndex(found: AsyncGenerator<tar.Member, undefined>): Promise<readonly Entry[]> {
  const { value: first } = await found.next();
  if (first?.name !== INDEX_NAME || first.size > LONGEST_INDEX)
    throw refused("it does not begin with an index");
  const entries = entriesOf(fromUtf8(await all(first.content)) ?? "");
  checkEntries(entries);
  return entries;
}

function entriesOf(text: string): readonly Entry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable();
  }
  if (!isObject(value) || !("format" in value)) throw unreadable();
  if (value["format"] !== FORMAT) throw refused("it was written in another format");
  if (!Array.isArray(value["items"])) throw unreadable();
  return value["items"].map((part: unknown) => {
    if (!isObject(part)) throw unreadable();
    const { name, size, media = "", title = "", ...others } = part;
    const texts = typeof name === "string" && typeof media === "string" && typeof title === "string";
    const counted = typeof size === "number" && Number.isSafeInteger(size) && size >= 0;
    if (!texts || !counted || Object.keys(others).length > 0) throw unreadable();
    return { name, size, media, title };
  });
}

/** Refuse names that leave the folder, hide, or fall together on some file system. */
function checkEntries(entries: readonly Entry[]): void {
  if (entries.length > MOST_ITEMS) {
    throw refused(`it has more than ${MOST_ITEMS} items`, "Put several files into one archive first.");
  }
  const seen = new Set([INDEX_NAME]);
  const folders = new Set<string>();
  for (const { name } of entries) {
    const shown = Array.from(name).slice(0, 80).join("");
    if (!isSafe(name)) {
      throw refused(
        `the name “${shown}” is not one that every system can keep`,
        "Rename the file: letters, digits, spaces, no leading dot, no colon.",
      );
    }
    const folded = fold(name);
    if (seen.has(folded)) throw refused(`the name “${shown}” stands in it twice`, "Rename one of the files.");
    seen.add(folded);
    const parts = folded.split("/");
    for (let depth = 1; depth < parts.length; depth++) folders.add(parts.slice(0, depth).join("/"));
  }
  const [clash] = [...seen].filter((name) => folders.has(name));
  if (clash !== undefined) {
    const shown = Array.from(clash).slice(0, 80).join("");
    throw refused(`the name “${shown}” is that of a file and of a folder`, "Rename the file.");
  }
}

function isSafe(name: string): boolean {
  const parts = name.split("/");
  const control = Array.from(name).some((character) => character < " ");
  return (
    name !== "" &&
    !control &&
    !/[\\:*?"<>|]/.test(name) &&
    !/[\ud800-\udfff]/u.test(name) &&
    parts.every((part) => part !== "" && !part.startsWith(".") && utf8(part).length <= 200)
  );
}

/** What is left of a name when case is taken away; one character at a time, since a final sigma is no other letter. */
function fold(name: string): string {
  const folded = (character: string): string =>
    UNLIKE.get(character) ?? character.toUpperCase().toLowerCase();
  return Array.from(name, folded).join("");
}

/** Letters that the browser's two cases do not bring together as Unicode's own folding does. */
const UNLIKE: ReadonlyMap<string, string> = new Map([
  ["ı", "ı"],
  ["ẞ", "ss"],
]);

/** Give one tar member: its header, its contents, and zeros up to a whole block. */
async function* member(name: string, size: number, contents: Pieces): AsyncGenerator<Uint8Array> {
  yield tar.header(name, size);
  yield* contents;
  yield new Uint8Array(tar.filling(size));
}

/** Give exactly `entry.size` bytes. Throws ContainerRefused if the file changed since the index was made. */
async function* exactly(content: Uint8Array | Blob, entry: Entry): AsyncGenerator<Uint8Array> {
  let left = entry.size;
  try {
    for await (const piece of content instanceof Uint8Array ? [content] : readBlob(content)) {
      left -= piece.length;
      if (left < 0) break;
      yield piece;
    }
  } catch (error) {
    // A browser refuses to go on reading a file that changed on disk.
    if (!(error instanceof DOMException)) throw error;
    left = -1;
  }
  if (left !== 0) {
    throw new ContainerRefused(
      `${entry.name} changed while it was being sealed. Nothing was sealed.`,
      "Wait until no program writes to it, then seal again.",
    );
  }
}

function unreadable(): ContainerRefused {
  return refused("its index cannot be read");
}

function refused(
  reason: string,
  what = "Ask for the file again; if it is the same, its writer made it wrong.",
): ContainerRefused {
  return new ContainerRefused(`A container of words was refused: ${reason}. Nothing was written.`, what);
}
