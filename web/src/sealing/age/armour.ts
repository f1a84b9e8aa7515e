// Twin of src/lastwords/sealing/age/armour.py: the text form of a sealed file, strict PEM, streamed both ways.
import { concat, fromBase64, fromUtf8, toBase64, utf8 } from "../../signing/bytes.js";
import { ArmourRefused } from "../refusals.js";
import type { Pieces } from "./source.js";

export const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
export const END = "-----END AGE ENCRYPTED FILE-----";

const LINE = 64; // characters of a full line
const LINE_BYTES = 48;
const MOST_SPACE = 1024; // bytes of white space allowed before and after

/** Put bytes into their text form. */
export async function* armoured(pieces: Pieces): AsyncGenerator<Uint8Array> {
  yield utf8(BEGIN + "\n");
  let held = new Uint8Array();
  for await (const piece of pieces) {
    held = concat(held, piece);
    const whole = held.length - (held.length % LINE_BYTES);
    yield utf8(lines(held.subarray(0, whole)));
    held = held.slice(whole);
  }
  yield utf8(lines(held) + END + "\n");
}

/** Give the bytes of a text form. Throws ArmourRefused for anything but the one spelling. */
export async function* unarmoured(pieces: Pieces): AsyncGenerator<Uint8Array> {
  const found = linesOf(pieces);
  let line = await found.next();
  for (let skipped = 0; !line.done && line.value.trim() === ""; line = await found.next()) {
    skipped += line.value.length + 1;
    if (skipped > MOST_SPACE) throw refused("it begins with too much white space");
  }
  if (line.done) throw refused("it is empty");
  if (line.value.trimStart() !== BEGIN)
    throw refused("its first line is not the one that every such text has");
  let short = false;
  for (line = await found.next(); !line.done; line = await found.next()) {
    const text = line.value;
    if (text === END) {
      await nothingMore(found);
      return;
    }
    if (short || text === "" || text.length > LINE) {
      throw refused("one of its lines is too long, too short or empty");
    }
    short = text.length < LINE;
    yield lineBytes(text);
  }
  throw refused("its last line is missing");
}

function lineBytes(line: string): Uint8Array {
  const bare = line.replace(/={1,2}$/, "");
  if (line.length % 4 !== 0 || !/^[A-Za-z0-9+/]+$/.test(bare))
    throw refused("one of its lines is not base64");
  const data = fromBase64(bare);
  if (!data) throw refused("one of its lines is spelled in another way than the canonical one");
  return data;
}

async function nothingMore(found: AsyncGenerator<string>): Promise<void> {
  let spaces = 0;
  for await (const line of found) {
    spaces += line.length + 1;
    if (line.trim() !== "" || spaces > MOST_SPACE) throw refused("something follows its last line");
  }
}

/** Yield lines without their LF or CRLF; a line never grows beyond what any valid one may have. */
async function* linesOf(pieces: Pieces): AsyncGenerator<string> {
  let held = new Uint8Array();
  for await (const piece of pieces) {
    held = concat(held, piece);
    for (let end = held.indexOf(10); end >= 0; end = held.indexOf(10)) {
      yield ascii(held.subarray(0, held[end - 1] === 13 ? end - 1 : end));
      held = held.subarray(end + 1);
    }
    if (held.length > 2 * MOST_SPACE) throw refused("one of its lines is too long");
  }
  if (held.length > 0) yield ascii(held);
}

function ascii(line: Uint8Array): string {
  return fromUtf8(line) ?? "\ufffd";
}

function lines(data: Uint8Array): string {
  const parts: string[] = [];
  for (let start = 0; start < data.length; start += LINE_BYTES) {
    const text = toBase64(data.subarray(start, start + LINE_BYTES));
    parts.push(text.padEnd(Math.ceil(text.length / 4) * 4, "=") + "\n");
  }
  return parts.join("");
}

function refused(reason: string): ArmourRefused {
  return new ArmourRefused(
    `The text of a sealed file could not be read: ${reason}. Nothing was opened.`,
    "Copy it again, whole, with its first and last line; or ask for the file itself.",
  );
}
