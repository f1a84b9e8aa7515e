// Twin of src/lastwords/sealing/age/bech32.py: Bech32 (BIP 173) without its length limit, as age writes its keys.
import type { Bytes } from "../../signing/bytes.js";
import { BadKey } from "../../signing/refusals.js";

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** Return `data` as lower-case Bech32 under a lower-case prefix. */
export function encode(prefix: string, data: Uint8Array): string {
  const values = regroup(data, 8, 5, true);
  const polymod = checksumOf([...expand(prefix), ...values, 0, 0, 0, 0, 0, 0]) ^ 1;
  const checksum = [0, 1, 2, 3, 4, 5].map((place) => (polymod >>> (5 * (5 - place))) & 31);
  return prefix + "1" + [...values, ...checksum].map((value) => ALPHABET.charAt(value)).join("");
}

/** Return the lower-case prefix and the bytes of a Bech32 text. Throws BadKey. */
export function decode(text: string): readonly [prefix: string, data: Bytes] {
  if (text !== text.toLowerCase() && text !== text.toUpperCase())
    throw bad("it mixes small and capital letters");
  const lower = text.toLowerCase();
  const mark = lower.lastIndexOf("1");
  const prefix = lower.slice(0, Math.max(mark, 0));
  const tail = lower.slice(mark + 1);
  if (prefix === "" || tail.length < 6 || !/^[!-~]+$/.test(prefix)) throw bad("it is not whole");
  const values = Array.from(tail, (character) => ALPHABET.indexOf(character));
  if (values.includes(-1)) throw bad("it holds a character that keys do not have");
  if (checksumOf([...expand(prefix), ...values]) !== 1) throw bad("its checksum does not fit");
  return [prefix, Uint8Array.from(regroup(values.slice(0, -6), 5, 8, false))];
}

function expand(prefix: string): number[] {
  const codes = Array.from(prefix, (character) => character.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function checksumOf(values: readonly number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >>> 25;
    checksum = ((checksum & 0x1ffffff) << 5) ^ value;
    for (const [place, generator] of GENERATORS.entries()) if ((top >>> place) & 1) checksum ^= generator;
  }
  return checksum;
}

function regroup(data: Iterable<number>, have: number, want: number, pad: boolean): number[] {
  const found: number[] = [];
  let held = 0;
  let bits = 0;
  for (const value of data) {
    held = (held << have) | value;
    bits += have;
    while (bits >= want) {
      bits -= want;
      found.push((held >> bits) & ((1 << want) - 1));
    }
    held &= (1 << bits) - 1;
  }
  if (pad && bits > 0) found.push((held << (want - bits)) & ((1 << want) - 1));
  else if (!pad && (bits >= have || held !== 0))
    throw bad("its last character is not one that keys end with");
  return found;
}

function bad(reason: string): BadKey {
  return new BadKey(
    `A key could not be read: ${reason}. Nothing was changed.`,
    "Copy the key again, whole, from its card or file.",
  );
}
