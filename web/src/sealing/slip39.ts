// Twin of src/lastwords/sealing/slip39.py: a secret in shares of words, of which a threshold gives it back.
import { hmac } from "@noble/hashes/hmac.js";
import { pbkdf2 } from "@noble/hashes/pbkdf2.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, concat, random, same, utf8 } from "../signing/bytes.js";
import { learnt, type List } from "../signing/lists.js";
import {
  DuplicateShare,
  SecretNotRecovered,
  ShareMistyped,
  ShareOfAnotherSplit,
  ShareRefused,
  TooFewShares,
} from "./refusals.js";

export const SLIP39_WORDS: List = {
  name: "slip39_words.txt",
  length: 1024,
  sha256: "bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3",
};

export const MOST_SHARES = 16;

const RADIX_BITS = 10;
const CHECKSUM_WORDS = 3;
const METADATA_WORDS = 4 + CHECKSUM_WORDS;
const LEAST_SECRET = 16; // bytes
const LEAST_WORDS = METADATA_WORDS + 13;
const DIGEST_BYTES = 4;
const SECRET_X = 255;
const DIGEST_X = 254;
const ROUNDS = [0, 1, 2, 3];
const ITERATIONS = 10000;

/** What all shares of one split have in common. */
interface Split {
  readonly identifier: number;
  readonly extendable: boolean;
  readonly exponent: number;
  readonly groupThreshold: number;
  readonly groupCount: number;
}

/** One mnemonic, read. Thresholds and counts are as people say them (from 1); the indices count from 0. */
export interface Share extends Split {
  readonly groupIndex: number;
  readonly index: number;
  readonly threshold: number;
  readonly value: Bytes;
}

type Point = readonly [x: number, value: Bytes];

/** Return a share as words. */
export function mnemonic(share: Share): string {
  const head = (((share.identifier << 1) | Number(share.extendable)) << 4) | share.exponent;
  let place = 0;
  for (const part of [
    share.groupIndex,
    share.groupThreshold - 1,
    share.groupCount - 1,
    share.index,
    share.threshold - 1,
  ]) {
    place = (place << 4) | part;
  }
  const count = Math.ceil((share.value.length * 8) / RADIX_BITS);
  const data = [
    ...digits(BigInt(head), 2),
    ...digits(BigInt(place), 2),
    ...digits(number(share.value, 8), count),
  ];
  const checksum = polymod([...customization(share.extendable), ...data, 0, 0, 0]) ^ 1;
  const { words } = learnt(SLIP39_WORDS);
  return [...data, ...digits(BigInt(checksum), CHECKSUM_WORDS)].map((digit) => words[digit] ?? "").join(" ");
}

/** Read one mnemonic; capitals and spacing do not matter. Throws ShareMistyped. */
export function read(text: string): Share {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const { places } = learnt(SLIP39_WORDS);
  const data = words.map((word, at) => {
    const place = places.get(word);
    if (place !== undefined) return place;
    const shown = Array.from(word).slice(0, 20).join("");
    throw mistyped(words, `its word ${at + 1}, “${shown}”, is not on the list of words`);
  });
  const padding = (RADIX_BITS * (data.length - METADATA_WORDS)) % 16;
  if (data.length < LEAST_WORDS || padding > 8) {
    throw mistyped(words, `it has ${words.length} words, so one is missing or doubled`);
  }
  const head = Number(number(data.slice(0, 2), RADIX_BITS));
  const extendable = ((head >> 4) & 1) === 1;
  if (polymod([...customization(extendable), ...data]) !== 1) {
    throw mistyped(words, "its checksum does not fit, so a word is wrong or two have changed places");
  }
  const place = Number(number(data.slice(2, 4), RADIX_BITS));
  const part = (at: number): number => (place >> (4 * at)) & 15;
  if (part(2) < part(3)) throw mistyped(words, "it asks for more groups than there are");
  const size = (RADIX_BITS * (data.length - METADATA_WORDS) - padding) / 8;
  const value = number(data.slice(4, -CHECKSUM_WORDS), RADIX_BITS);
  if (value >> BigInt(size * 8)) throw mistyped(words, "its padding is not empty");
  return {
    identifier: head >> 5,
    extendable,
    exponent: head & 15,
    groupIndex: part(4),
    groupThreshold: part(3) + 1,
    groupCount: part(2) + 1,
    index: part(1),
    threshold: part(0) + 1,
    value: toBytes(value, size),
  };
}

/**
 * Return `n` mnemonics of which any `k` give `secret`, an even number of bytes, 16 at least.
 *
 * Throws ShareRefused for numbers outside 1 <= k <= n <= 16, for one of several (each would be the secret), and for a
 * secret of another length.
 */
export function split(secret: Bytes, k: number, n: number): string[] {
  if (!(1 <= k && k <= n && n <= MOST_SHARES) || (k === 1 && n > 1)) {
    throw new ShareRefused(
      `A secret cannot be split ${k} of ${n}. Nothing was split.`,
      `Choose at most ${MOST_SHARES} keepers and a quorum from 2 up to their number.`,
    );
  }
  if (secret.length < LEAST_SECRET || secret.length % 2 === 1) {
    throw new ShareRefused(
      `A secret of ${secret.length} bytes cannot be split. Nothing was split.`,
      `Give an even number of bytes, ${LEAST_SECRET} at least.`,
    );
  }
  const common = {
    identifier: Number(number(random(2), 8) >> 1n),
    extendable: true,
    exponent: 0,
    groupIndex: 0,
    groupThreshold: 1,
    groupCount: 1,
    threshold: k,
  };
  const values = dealt(stretched(secret, common, ROUNDS), k, n);
  return values.map((value, index) => mnemonic({ ...common, index, value }));
}

/**
 * Return the secret that the mnemonics give. Exactly the threshold of each needed group is expected; `passphrase`
 * serves the published vectors only. Throws the ShareRefused family: every share is read and compared before anything
 * is combined.
 */
export function combine(mnemonics: Iterable<string>, passphrase = new Uint8Array()): Bytes {
  const shares: Share[] = [];
  for (const text of mnemonics) {
    const share = read(text);
    checkFits(share, shares);
    shares.push(share);
  }
  const first = shares[0];
  if (!first)
    throw new TooFewShares("No share was given. Nothing was combined.", "Give the shares of k keepers.");
  const groups = new Map<number, Share[]>();
  for (const share of shares) groups.set(share.groupIndex, [...(groups.get(share.groupIndex) ?? []), share]);
  for (const group of groups.values()) checkNumber(group.length, group[0]?.threshold ?? 0, "shares");
  checkNumber(groups.size, first.groupThreshold, "groups of shares");
  const points = [...groups].map(([index, group]): Point => {
    return [index, recovered(group.map((share): Point => [share.index, share.value]))];
  });
  return stretched(recovered(points), first, ROUNDS.toReversed(), passphrase);
}

/** Throw unless `share` belongs to the split of `others` and is none of them: ShareOfAnotherSplit, DuplicateShare. */
export function checkFits(share: Share, others: readonly Share[]): void {
  for (const other of others) {
    const sameGroup = share.groupIndex === other.groupIndex;
    if (splitOf(share) !== splitOf(other) || (sameGroup && share.threshold !== other.threshold)) {
      throw new ShareOfAnotherSplit(
        "A share belongs to another split than the others, probably an earlier one. Nothing was combined.",
        "Ask its keeper for the share of the newest version.",
      );
    }
    if (sameGroup && share.index === other.index) {
      throw new DuplicateShare(
        "The same share was given twice. Nothing was combined.",
        "Ask another keeper for theirs.",
      );
    }
  }
}

function splitOf(share: Share): string {
  const { identifier, extendable, exponent, groupThreshold, groupCount, value } = share;
  return JSON.stringify([identifier, extendable, exponent, groupThreshold, groupCount, value.length]);
}

function checkNumber(have: number, need: number, what: string): void {
  if (have < need) {
    throw new TooFewShares(
      `${need} ${what} are needed, ${have} are here. Nothing was combined.`,
      "Ask further keepers for theirs.",
    );
  }
  if (have > need) {
    throw new ShareRefused(
      `${have} ${what} were given where exactly ${need} are combined. Nothing was combined.`,
      "Leave out as many as there are too many; any of them will do.",
    );
  }
}

/** Return the values at x = 0 to n - 1 of a random polynomial of degree k - 1 through the secret. */
function dealt(secret: Bytes, k: number, n: number): Bytes[] {
  if (k === 1) return Array.from({ length: n }, () => secret);
  const values = Array.from({ length: k - 2 }, () => random(secret.length));
  const salt = random(secret.length - DIGEST_BYTES);
  const base: Point[] = [
    ...values.map((value, x): Point => [x, value]),
    [DIGEST_X, concat(digestOf(salt, secret), salt)],
    [SECRET_X, secret],
  ];
  for (let x = k - 2; x < n; x++) values.push(interpolated(base, x));
  return values;
}

/** Return the secret of exactly the threshold of points, checked by its digest. Throws SecretNotRecovered. */
function recovered(points: readonly Point[]): Bytes {
  const only = points.length === 1 ? points[0] : undefined;
  if (only) return only[1];
  const secret = interpolated(points, SECRET_X);
  const digest = interpolated(points, DIGEST_X);
  if (!same(digest.subarray(0, DIGEST_BYTES), digestOf(digest.subarray(DIGEST_BYTES), secret))) {
    throw new SecretNotRecovered(
      "The shares do not give a secret: at least one of them is false. Nothing was opened.",
      "Compare the shares with the manifest, which names a false one; or try other keepers' shares.",
    );
  }
  return secret;
}

function digestOf(salt: Uint8Array, secret: Uint8Array): Uint8Array {
  return hmac(sha256, salt, secret).subarray(0, DIGEST_BYTES);
}

/** Run the specification's four-round Feistel network over the secret, forwards or backwards. */
function stretched(
  data: Bytes,
  share: Split,
  rounds: readonly number[],
  passphrase = new Uint8Array(),
): Bytes {
  const half = data.length / 2;
  let left = data.slice(0, half);
  let right = data.slice(half);
  const salt = share.extendable
    ? new Uint8Array()
    : concat(utf8("shamir"), toBytes(BigInt(share.identifier), 2));
  const c = Math.floor((ITERATIONS * 2 ** share.exponent) / ROUNDS.length);
  for (const round of rounds) {
    const key = concat(Uint8Array.of(round), passphrase);
    const mask = pbkdf2(sha256, key, concat(salt, right), { c, dkLen: half });
    [left, right] = [right, left.map((byte, at) => byte ^ (mask[at] ?? 0))];
  }
  return concat(right, left);
}

/** Return the value at `x` of the polynomial through the points, byte by byte, over GF(256). */
function interpolated(points: readonly Point[], x: number): Bytes {
  const there = points.find(([known]) => known === x);
  if (there) return there[1];
  const { exponents, logarithms } = tables();
  const log = (value: number): number => logarithms[value] ?? 0;
  const total = new Uint8Array(points[0]?.[1].length ?? 0);
  const whole = points.reduce((sum, [known]) => sum + log(known ^ x), 0);
  for (const [known, value] of points) {
    const others = points.reduce((sum, [other]) => sum + (other === known ? 0 : log(known ^ other)), 0);
    const basis = (((whole - log(known ^ x) - others) % 255) + 255) % 255;
    for (const [at, byte] of value.entries()) {
      if (byte !== 0) total[at] = (total[at] ?? 0) ^ (exponents[(log(byte) + basis) % 255] ?? 0);
    }
  }
  return total;
}

let cached: { readonly exponents: Uint8Array; readonly logarithms: Uint8Array } | undefined;

/** Powers and logarithms of x + 1 modulo Rijndael's polynomial. */
function tables(): NonNullable<typeof cached> {
  if (cached) return cached;
  const exponents = new Uint8Array(255);
  const logarithms = new Uint8Array(256);
  let power = 1;
  for (let exponent = 0; exponent < 255; exponent++) {
    exponents[exponent] = power;
    logarithms[power] = exponent;
    power ^= power << 1;
    if (power & 0x100) power ^= 0x11b;
  }
  return (cached = { exponents, logarithms });
}

const GENERATORS = [
  0xe0e040, 0x1c1c080, 0x3838100, 0x7070200, 0xe0e0009, 0x1c0c2412, 0x38086c24, 0x3090fc48, 0x21b1f890,
  0x3f3f120,
];

/** RS1024, the checksum of SLIP-39. */
function polymod(values: readonly number[]): number {
  let checksum = 1;
  for (const value of values) {
    const top = checksum >> 20;
    checksum = ((checksum & 0xfffff) << 10) ^ value;
    for (const [place, generator] of GENERATORS.entries()) if ((top >> place) & 1) checksum ^= generator;
  }
  return checksum;
}

function customization(extendable: boolean): Uint8Array {
  return utf8(extendable ? "shamir_extendable" : "shamir");
}

function digits(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, at) =>
    Number((value >> BigInt(RADIX_BITS * (count - 1 - at))) & 1023n),
  );
}

function number(parts: Iterable<number>, bits: number): bigint {
  let found = 0n;
  for (const part of parts) found = (found << BigInt(bits)) | BigInt(part);
  return found;
}

function toBytes(value: bigint, size: number): Bytes {
  return Uint8Array.from({ length: size }, (_, at) => Number((value >> BigInt(8 * (size - 1 - at))) & 255n));
}

function mistyped(words: readonly string[], reason: string): ShareMistyped {
  const beginning = words.slice(0, 4).join(" ");
  return new ShareMistyped(
    `A share could not be read (it begins “${beginning} …”): ${reason}. Nothing was combined.`,
    "Compare it word by word with the copy it was taken from.",
  );
}
