// Twin of src/lastwords/sealing/age/header.py: the head of an age v1 file, parsed in the one spelling allowed.
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, fromBase64, same, toBase64, utf8 } from "../../signing/bytes.js";
import { HeaderForged, HeaderRefused } from "../refusals.js";
import type { Source } from "./source.js";

export const VERSION_LINE = "age-encryption.org/v1";
export const FILE_KEY_BYTES = 16;

const COLUMNS = 64;
const LONGEST = 1 << 20; // bytes of a whole head; a post-quantum stanza has some 1.6 kB
const VERSION_MARK = "age-encryption.org/";

/** One wrapping of the file key: its type and arguments (visible ASCII, no spaces) and its body. */
export interface Stanza {
  readonly args: readonly [type: string, ...rest: string[]];
  readonly body: Uint8Array;
}

/** The stanzas, the bytes that the HMAC covers (up to and with `---`), and the HMAC itself. */
export class Header {
  constructor(
    readonly stanzas: readonly Stanza[],
    readonly covered: Uint8Array,
    readonly mac: Uint8Array,
  ) {}

  /** Throw HeaderForged unless the HMAC was made with `fileKey` over exactly this head. */
  check(fileKey: Uint8Array): void {
    if (!same(macOf(fileKey, this.covered), this.mac)) {
      throw new HeaderForged(
        "The head of a sealed file was altered after sealing. Nothing was opened.",
        "Ask for the file again from somebody who has another copy.",
      );
    }
  }
}

/** Return the whole head of a file with these stanzas. */
export function write(stanzas: readonly Stanza[], fileKey: Uint8Array): Bytes {
  const covered = utf8(`${VERSION_LINE}\n${stanzas.map(encoded).join("")}---`);
  return concat(covered, utf8(` ${toBase64(macOf(fileKey, covered))}\n`));
}

/** Read a head and leave `source` at the first byte after it. Throws HeaderRefused. */
export async function read(source: Source): Promise<Header> {
  const lines = new Lines(source);
  const version = await lines.next();
  if (version !== VERSION_LINE) {
    throw version.startsWith(VERSION_MARK)
      ? headerRefused("it was written in another version of the format")
      : headerRefused("it does not begin as one");
  }
  const stanzas: Stanza[] = [];
  let line = await lines.next();
  while (!line.startsWith("---")) {
    stanzas.push(await stanza(line, lines));
    line = await lines.next();
  }
  if (!line.startsWith("--- ") || stanzas.length === 0) throw headerRefused("its last line is not one");
  const mac = canonicalBase64(line.slice(4));
  if (mac.length !== 32) throw headerRefused("its last line is not one");
  const taken = concat(...lines.taken);
  return new Header(stanzas, taken.subarray(0, taken.length - line.length - 1 + 3), mac);
}

/** Return the bytes of canonical base64 without padding. Throws HeaderRefused. */
export function canonicalBase64(text: string): Bytes {
  const data = fromBase64(text);
  if (data) return data;
  throw headerRefused(
    /^[A-Za-z0-9+/]*$/.test(text) && text.length % 4 !== 1
      ? "one of its lines is spelled in another way than the canonical one"
      : "one of its lines is not base64",
  );
}

export function headerRefused(reason: string): HeaderRefused {
  return new HeaderRefused(
    `The head of a sealed file could not be read: ${reason}. Nothing was opened.`,
    "Make sure that it is the right file and whole; ask for it again where it came from.",
  );
}

/** Lines of the head, one character a byte, and all bytes taken so far. */
class Lines {
  readonly taken: Uint8Array[] = [];
  readonly #source: Source;
  #size = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  async next(): Promise<string> {
    const line = await this.#source.line(LONGEST - this.#size);
    if (!line) throw headerRefused("it is cut off, or longer than any head");
    this.taken.push(line);
    this.#size += line.length;
    return Array.from(line.subarray(0, -1), (byte) => String.fromCharCode(byte)).join("");
  }
}

async function stanza(first: string, lines: Lines): Promise<Stanza> {
  const [mark, type, ...rest] = first.split(" ");
  if (mark !== "->" || type === undefined || ![type, ...rest].every((arg) => /^[!-~]+$/.test(arg))) {
    throw headerRefused("one of its lines does not begin as one");
  }
  const parts: Uint8Array[] = [];
  for (;;) {
    const line = await lines.next();
    if (line.length > COLUMNS) throw headerRefused("one of its lines is too long");
    parts.push(canonicalBase64(line));
    if (line.length < COLUMNS) return { args: [type, ...rest], body: concat(...parts) };
  }
}

function encoded({ args, body }: Stanza): string {
  const text = toBase64(body);
  const lines: string[] = [];
  for (let start = 0; start <= text.length; start += COLUMNS) lines.push(text.slice(start, start + COLUMNS));
  return `-> ${args.join(" ")}\n${lines.join("\n")}\n`;
}

function macOf(fileKey: Uint8Array, covered: Uint8Array): Bytes {
  return hmac(sha256, hkdf(sha256, fileKey, undefined, utf8("header"), 32), covered);
}
