// Twin of src/lastwords/signing/canonical.py: the one spelling of a document, a subset of RFC 8785.
import { type Bytes, fromUtf8, isAscii, sha256Hex, utf8 } from "./bytes.js";
import { NotCanonical } from "./refusals.js";

export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value };

export const DEEPEST = 16;
export const LONGEST = 1 << 20;

/** Return the canonical UTF-8 bytes of `value`. Throws NotCanonical for a value outside the subset. */
export function encode(value: Value): Bytes {
  return utf8(spelled(value, DEEPEST));
}

/** Return the value that `data` spells. Throws NotCanonical unless encoding it gives the same bytes again. */
export function decode(data: Uint8Array): Value {
  if (data.length > LONGEST) throw refused(`it is longer than ${LONGEST} bytes`);
  const text = fromUtf8(data);
  let value: Value;
  try {
    if (text === undefined) throw new SyntaxError();
    value = JSON.parse(text) as Value;
  } catch {
    throw refused("it is not JSON in UTF-8");
  }
  if (spelled(value, DEEPEST) !== text) {
    throw refused("it is spelled in another way than the canonical one");
  }
  return value;
}

/** Return the SHA-256 of `data` as 64 lower-case hexadecimal digits. */
export function digest(data: Uint8Array): string {
  return sha256Hex(data);
}

/** Whether a decoded value is an object, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function spelled(value: unknown, depth: number): string {
  if (depth === 0) throw refused(`it is nested deeper than ${DEEPEST} levels`);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return spelledNumber(value);
  if (typeof value === "string") return spelledText(value);
  if (Array.isArray(value)) return `[${value.map((part) => spelled(part, depth - 1)).join(",")}]`;
  if (isObject(value)) {
    const keys = Object.keys(value);
    if (!keys.every(isAscii)) throw refused("a key in it is not ASCII text");
    const members = keys.sort().map((key) => `${JSON.stringify(key)}:${spelled(value[key], depth - 1)}`);
    return `{${members.join(",")}}`;
  }
  throw refused(`it holds a value of the kind ${typeof value}`);
}

function spelledNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value === 0 ? 0 : value);
  if (Number.isInteger(value)) throw refused("a number in it is larger than 2^53 - 1");
  throw refused("it holds a value of the kind float");
}

function spelledText(value: string): string {
  if (/[\ud800-\udfff]/u.test(value)) throw refused("a text in it holds half a character");
  return JSON.stringify(value);
}

function refused(reason: string): NotCanonical {
  return new NotCanonical(
    `A signed document could not be read: ${reason}. Nothing was changed.`,
    "Ask for it again from where it came; if it comes the same way twice, do not trust its source.",
  );
}
