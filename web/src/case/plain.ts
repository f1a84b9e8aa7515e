// Twin of src/lastwords/case/plain.py: records as plain data and back, strictly, unknown and missing fields refused.
import { unreadable, unwritable } from "./refusals.js";

export const LONGEST_TEXT = 4000; // characters of one field
export const LONGEST_BODY = 64 * 1024; // bytes; attachments are documents of their own

/** Reads one place of plain data; throws NotReadable, naming the place that does not fit. */
export type Reader<T> = (data: unknown, place: string) => T;
type Readers = Readonly<Record<string, Reader<unknown>>>;
export type Read<F extends Readers> = { readonly [K in keyof F]: F[K] extends Reader<infer T> ? T : never };

/** A kind of record: `of` checks one that was made in code, `read` takes plain data. Throws CaseRefused. */
export interface Kind<T> {
  readonly of: (record: T) => T;
  readonly read: Reader<T>;
}
export type RecordOf<K> = K extends Kind<infer T> ? T : never;

export const text: Reader<string> = (data, place) => {
  if (typeof data !== "string") throw unreadable(`${place} is not a text`);
  return data;
};

export const whole: Reader<number> = (data, place) => {
  if (typeof data !== "number" || !Number.isInteger(data)) throw unreadable(`${place} is not a whole number`);
  if (!Number.isSafeInteger(data)) throw unreadable(`${place} is larger than 2^53 - 1`);
  return data;
};

export const yesNo: Reader<boolean> = (data, place) => {
  if (typeof data !== "boolean") throw unreadable(`${place} is not yes or no`);
  return data;
};

export function oneOf<const W extends string>(words: readonly W[]): Reader<W> {
  return (data, place) => {
    const found = words.find((word) => word === data);
    if (found === undefined) throw unreadable(`${place} is none of the words that may stand there`);
    return found;
  };
}

export function orNone<T>(inner: Reader<T>): Reader<T | null> {
  return (data, place) => (data === null ? null : inner(data, place));
}

export function listOf<T>(inner: Reader<T>): Reader<readonly T[]> {
  return (data, place) => {
    if (!Array.isArray(data)) throw unreadable(`${place} is not a list`);
    return data.map((part, number) => inner(part, `${place}[${number}]`));
  };
}

/** Define a kind of record by its fields, and by what it refuses besides texts that are not fit to be shown. */
export function record<F extends Readers>(
  fields: F,
  check: (found: Read<F>) => void = () => undefined,
): Kind<Read<F>> {
  return recordOf(fields, (found) => {
    for (const name of Object.keys(fields)) checkTexts(name.replaceAll("_", " "), found[name]);
    check(found);
  });
}

/** Define a kind of record whose texts are names that `check` knows by heart. */
export function recordOf<F extends Readers>(fields: F, check: (found: Read<F>) => void): Kind<Read<F>> {
  const of = (found: Read<F>): Read<F> => {
    check(found);
    return Object.freeze(found);
  };
  return { of, read: (data, place) => of(fieldsOf(fields, data, place)) };
}

/**
 * Plain data in its one spelling: UTF-8 JSON, keys in ascending order, no white space. Throws NotWritable for what is
 * longer than anybody reads.
 */
export function toBytes(data: unknown): Uint8Array<ArrayBuffer> {
  const found = new TextEncoder().encode(spelled(data));
  if (found.length <= LONGEST_BODY) return found;
  throw unwritable(
    `All of this together is longer than ${LONGEST_BODY} bytes, and nobody could open it`,
    "Shorten it, and say where the rest can be found",
  );
}

/** Plain data from its one spelling. Throws NotReadable for anything else. */
export function fromBytes(data: Uint8Array): unknown {
  if (data.length > LONGEST_BODY) throw unreadable(`it is longer than ${LONGEST_BODY} bytes`);
  let found: string;
  let value: unknown;
  try {
    found = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    value = JSON.parse(found);
  } catch {
    throw unreadable("it is not JSON in UTF-8");
  }
  if (spelled(value) !== found) throw unreadable("it is spelled in another way than the one way");
  return value;
}

/** Whether plain data is a record with exactly these members. */
export function hasExactly(data: unknown, ...names: readonly string[]): data is Record<string, unknown> {
  return isObject(data) && Object.keys(data).sort().join() === names.toSorted().join();
}

/**
 * Whether a character may stand in a text: no controls but the line break, no half characters, and none of the marks
 * that turn the reading direction round (a dose must not be shown backwards).
 */
export function fitCharacter(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || (0x7f <= code && code < 0xa0)) return character === "\n";
  return !(
    (0xd800 <= code && code <= 0xdfff) ||
    (0x202a <= code && code <= 0x202e) ||
    (0x2066 <= code && code <= 0x2069)
  );
}

function checkTexts(name: string, value: unknown): void {
  if (Array.isArray(value)) for (const part of value) checkTexts(name, part);
  if (typeof value !== "string") return;
  if (value.trim() === "") {
    throw unwritable(`The field '${name}' is empty`, "Say something in it, or leave it out altogether");
  }
  const characters = Array.from(value);
  if (characters.length > LONGEST_TEXT) {
    throw unwritable(
      `The field '${name}' is longer than ${LONGEST_TEXT} characters`,
      "Shorten it, or add the rest as another entry",
    );
  }
  if (!characters.every(fitCharacter)) {
    throw unwritable(`The field '${name}' holds a control character`, "Type the text again by hand");
  }
}

function fieldsOf<F extends Readers>(fields: F, data: unknown, place: string): Read<F> {
  if (!isObject(data)) throw unreadable(`${place} is not a record`);
  const unknown = Object.keys(data)
    .filter((name) => !Object.hasOwn(fields, name))
    .sort();
  if (unknown[0] !== undefined) throw unreadable(`${place} has a field '${unknown[0]}' that nobody knows`);
  const missing = Object.keys(fields)
    .filter((name) => !Object.hasOwn(data, name))
    .sort();
  if (missing[0] !== undefined) throw unreadable(`${place} lacks the field '${missing[0]}'`);
  const found = Object.entries(fields).map(([name, read]) => [name, read(data[name], `${place}.${name}`)]);
  return Object.fromEntries(found) as Read<F>;
}

function spelled(data: unknown): string {
  if (Array.isArray(data)) return `[${data.map(spelled).join(",")}]`;
  if (!isObject(data)) return JSON.stringify(data);
  const members = Object.keys(data).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${spelled(data[name])}`).join(",")}}`;
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null && !Array.isArray(data);
}
