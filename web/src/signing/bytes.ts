// What Python has built in and a browser spells out: bytes to text and back, each strictly one way.
import { sha256 } from "@noble/hashes/sha2.js";

/** Bytes with a memory of their own, as files and Web Crypto take them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STANDARD = BASE64URL.slice(0, 62) + "+/";

/** Return the UTF-8 bytes of a text. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Return the text that UTF-8 bytes spell, or nothing if they spell none. */
export function fromUtf8(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}

/** Return bytes as lower-case hexadecimal digits. */
export function hex(data: Uint8Array): string {
  return Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return the bytes of hexadecimal digits. Throws RangeError for anything else. */
export function fromHex(text: string): Bytes {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new RangeError("not hexadecimal");
  return Uint8Array.from({ length: text.length / 2 }, (_, at) =>
    parseInt(text.slice(2 * at, 2 * at + 2), 16),
  );
}

/** Return SHA-256 as 64 lower-case hexadecimal digits. */
export function sha256Hex(data: Uint8Array): string {
  return hex(sha256(data));
}

/** Return `size` bytes of the browser's randomness. */
export function random(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

/** Join bytes. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two byte strings are the same, in a time that depends on their length alone. */
export function same(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let different = 0;
  for (const [at, byte] of one.entries()) different |= byte ^ (other[at] ?? 0);
  return different === 0;
}

/** Whether a text is ASCII throughout. */
export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false;
  return true;
}

/** Return base64url without padding. */
export function toBase64url(data: Uint8Array): string {
  return encoded(data, BASE64URL);
}

/** Return the bytes of base64url without padding, or nothing for every other spelling of them. */
export function fromBase64url(text: string): Bytes | undefined {
  return decoded(text, BASE64URL);
}

/** Return standard base64 without padding. */
export function toBase64(data: Uint8Array): string {
  return encoded(data, STANDARD);
}

/** Return the bytes of standard base64 without padding, or nothing for every other spelling of them. */
export function fromBase64(text: string): Bytes | undefined {
  return decoded(text, STANDARD);
}

function encoded(data: Uint8Array, alphabet: string): string {
  const parts: string[] = [];
  for (let at = 0; at < data.length; at += 3) {
    const left = Math.min(3, data.length - at);
    const three = ((data[at] ?? 0) << 16) | ((data[at + 1] ?? 0) << 8) | (data[at + 2] ?? 0);
    for (let place = 0; place <= left; place++) parts.push(alphabet.charAt((three >> (18 - 6 * place)) & 63));
  }
  return parts.join("");
}

function decoded(text: string, alphabet: string): Bytes | undefined {
  if (text.length % 4 === 1) return undefined;
  const data = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      data[at++] = (held >> bits) & 0xff;
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? data : undefined;
}
