// Twin of src/lastwords/signing/shapes.py: the shapes that fields of a signed document may have.
import { isObject } from "./canonical.js";
import { WrongShape } from "./refusals.js";

/** Takes a decoded value and the name of its place; gives it back typed, or throws WrongShape. */
export interface Shape<T> {
  (value: unknown, name: string): T;
  /** The field is left out of a document where it says nothing, and is never null in one. */
  readonly absent?: boolean;
}
export type Fields = Readonly<Record<string, Shape<unknown>>>;
export type Read<F extends Fields> = { readonly [K in keyof F]: F[K] extends Shape<infer T> ? T : never };

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const MOMENT = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z$/;

/** 1 to 128 of `A-Z a-z 0-9 . _ : @ -`, the first a letter or digit. */
export const identifier: Shape<string> = (value, name) => matching(value, name, IDENTIFIER, "an identifier");

/** 64 lower-case hexadecimal digits: a SHA-256, a fingerprint, a commitment. */
export const digest: Shape<string> = (value, name) =>
  matching(value, name, DIGEST, "64 lower-case hexadecimal digits");

/** An instant in UTC to the second, as `2026-11-23T08:17:45Z` (RFC 3339). */
export const moment: Shape<string> = (value, name) => {
  const found = matching(value, name, MOMENT, "an instant like 2026-11-23T08:17:45Z");
  if (!exists(found)) throw refuse(name, "an instant that exists");
  return found;
};

/** A text of 1 to `longest` characters without control characters. */
export function text(longest: number): Shape<string> {
  return (value, name) => {
    const fits = typeof value === "string" && value !== "" && Array.from(value).length <= longest;
    if (!fits || /[\u0000-\u001f]/.test(value)) throw refuse(name, `a text of 1 to ${longest} characters`);
    return value;
  };
}

/** A whole number within bounds. */
export function count(smallest: number, largest: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, name) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < smallest || value > largest) {
      throw refuse(name, `a whole number from ${smallest} to ${largest}`);
    }
    return value;
  };
}

/** One of the given texts. */
export function oneOf<const C extends string>(...choices: readonly C[]): Shape<C> {
  return (value, name) => {
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw refuse(name, "one of " + choices.join(", "));
    return found;
  };
}

/** The inner shape, or null. */
export function orNone<T>(inner: Shape<T>): Shape<T | null> {
  return (value, name) => (value === null ? null : inner(value, name));
}

/** The inner shape, or no such field at all. */
export function orAbsent<T>(inner: Shape<T>): Shape<T | undefined> {
  return Object.assign((value: unknown, name: string) => inner(value, name), { absent: true });
}

/** A list of at most `most` of the inner shape. */
export function many<T>(inner: Shape<T>, most: number): Shape<readonly T[]> {
  return (value, name) => {
    if (!Array.isArray(value) || value.length > most) throw refuse(name, `a list of at most ${most}`);
    return value.map((part, place) => inner(part, `${name}[${place}]`));
  };
}

/** A nested object with exactly these fields. */
export function record<F extends Fields>(fields: F): Shape<Read<F>> {
  return (value, name) => read(fields, value, name);
}

/** Return the fields of a decoded object that has exactly those. Throws WrongShape. */
export function read<F extends Fields>(fields: F, value: unknown, name: string): Read<F> {
  if (!isObject(value)) throw refuse(name, "an object");
  for (const [key, shape] of Object.entries(fields)) {
    if (shape.absent !== true && !Object.hasOwn(value, key)) throw refuse(`${name}.${key}`, "present");
  }
  for (const key of Object.keys(value)) {
    if (!Object.hasOwn(fields, key)) throw refuse(`${name}.${key}`, "absent: nobody knows this field");
  }
  const found = Object.entries(fields)
    .filter(([key, shape]) => shape.absent !== true || value[key] !== undefined)
    .map(([key, shape]) => [key, shape(value[key], `${name}.${key}`)]);
  return Object.freeze(Object.fromEntries(found)) as Read<F>;
}

/** Return the refusal of a document whose fields contradict each other. */
export function refuse(name: string, expected: string): WrongShape {
  return new WrongShape(
    `A document was refused: ${name} should be ${expected}. Nothing was changed.`,
    "Bring the program that wrote it to the same version as this one, or ask for the document again.",
  );
}

function matching(value: unknown, name: string, pattern: RegExp, expected: string): string {
  if (typeof value !== "string" || !pattern.test(value)) throw refuse(name, expected);
  return value;
}

function exists(found: string): boolean {
  // The browser's own reading of this form refuses months, hours and seconds out of bounds, but not 30 February.
  const instant = new Date(found);
  return (
    found >= "0001" &&
    !Number.isNaN(instant.getTime()) &&
    instant.toISOString().startsWith(found.slice(0, 19))
  );
}
