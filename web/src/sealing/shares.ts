// Twin of src/lastwords/sealing/shares.py: a keeper's share, its commitment, and the recovery of a release key.
import { concat, fromHex, fromUtf8, hex, random, sha256Hex, utf8, type Bytes } from "../signing/bytes.js";
import { type Manifest, type Part, seatOf, WORDS } from "../signing/manifest.js";
import * as bech32 from "./age/bech32.js";
import { openBytes, openWithPassphrase } from "./age/files.js";
import { HybridSecretKey } from "./age/keys.js";
import type { PersonKeys } from "./person.js";
import {
  DuplicateShare,
  FalseShare,
  ManifestRefused,
  ShareMistyped,
  ShareOfAnotherSplit,
  ShareRefused,
  TooFewShares,
} from "./refusals.js";
import * as slip39 from "./slip39.js";

export const SALT_BYTES = 32;
/** Bytes of every share's text: spaces and a line feed fill it up. */
export const SIZE = 768;

const TEXT = new RegExp(
  "^([a-z]+(?: [a-z]+)*)\n" +
    "salt: ([0-9a-f]{64})\n" +
    "author: ([0-9a-f]{64})\n" +
    "track: ([A-Za-z0-9._:@-]{1,128})\n" +
    "part: (words|wishes)\n" +
    "split: ([0-9a-f]{64})\n" +
    "share: ([1-9][0-9]?)\n *\n$",
);

/** A share as it lies in its file; `index` counts from 1, `author` is the author's signing fingerprint. */
export class ShareFile {
  constructor(
    readonly mnemonic: string,
    readonly salt: Uint8Array,
    readonly author: string,
    readonly track: string,
    readonly part: Part,
    readonly split: string,
    readonly index: number,
  ) {}

  /** SHA-256(salt || mnemonic), 64 hexadecimal digits; the words are joined by single spaces. */
  get commitment(): string {
    return sha256Hex(concat(this.salt, utf8(this.mnemonic)));
  }

  /** Return the text of the file, before sealing. */
  encode(): Bytes {
    const text =
      `${this.mnemonic}\nsalt: ${hex(this.salt)}\nauthor: ${this.author}\ntrack: ${this.track}\n` +
      `part: ${this.part}\nsplit: ${this.split}\nshare: ${this.index}\n`;
    return utf8(text.padEnd(SIZE - 1) + "\n");
  }

  /** Read the text of a file. Throws ShareRefused. */
  static read(data: Uint8Array): ShareFile {
    const found = TEXT.exec(fromUtf8(data) ?? "");
    if (!found) {
      throw new ShareRefused(
        "A file was opened, but it does not hold a share. Nothing was combined.",
        "Look for the file whose name begins with share; ask its keeper for it again.",
      );
    }
    const [, mnemonic = "", salt = "", author = "", track = "", part, split = "", index] = found;
    return new ShareFile(mnemonic, fromHex(salt), author, track, part as Part, split, Number(index));
  }
}

/** A keeper's id and their share. */
export type Held = readonly [keeper: string, share: ShareFile];

/** Shares sorted before combining: the good ones, and the bad ones each with the refusal that names it. */
export interface Sorted {
  readonly good: readonly Held[];
  readonly bad: readonly (readonly [keeper: string, refusal: ShareRefused])[];
}

/** Split a secret into `n` share files, of which any `k` give it back, each with a salt of its own. */
export function deal(
  secret: Bytes,
  k: number,
  n: number,
  of: { readonly author: string; readonly track: string; readonly part: Part },
): ShareFile[] {
  const name = hex(random(32));
  return slip39
    .split(secret, k, n)
    .map((words, at) => new ShareFile(words, random(SALT_BYTES), of.author, of.track, of.part, name, at + 1));
}

/** Open a keeper's sealed share and check it against the manifest. Throws SealedFileRefused's and ShareRefused's. */
export async function openShare(
  data: Uint8Array,
  keeper: PersonKeys,
  manifest: Manifest,
  keeperId: string,
  part: Part = WORDS,
): Promise<ShareFile> {
  const share = ShareFile.read(await openBytes(data, [keeper.secretKey]));
  checkShare(share, manifest, keeperId, part);
  return share;
}

/**
 * Throw unless `share` is the one that the manifest commits to for this keeper and part: ShareOfAnotherSplit,
 * ShareMistyped or FalseShare, each naming the keeper.
 */
export function checkShare(share: ShareFile, manifest: Manifest, keeperId: string, part: Part = WORDS): void {
  const seat = seatOf(manifest, keeperId);
  const split = part === WORDS ? manifest.words_split : manifest.wishes_split;
  const promised = part === WORDS ? seat.words_share : seat.wishes_share;
  if (
    share.author !== manifest.author_signing ||
    share.track !== manifest.track ||
    share.part !== part ||
    share.split !== split
  ) {
    throw new ShareOfAnotherSplit(
      `The share of ${keeperId} belongs to another split, track or author. Nothing was combined.`,
      `Ask ${keeperId} for the share of manifest number ${manifest.number}; an older kit may be in use.`,
    );
  }
  const index = readNaming(share.mnemonic, keeperId);
  if (share.commitment !== promised || index + 1 !== seat.index || share.index !== seat.index) {
    throw new FalseShare(
      `The share of ${keeperId} is not the one the author gave them. Nothing was combined.`,
      `Leave it out and use another keeper's; ${keeperId} should look for the right file.`,
    );
  }
}

/** Check every share against the manifest before anything is combined; nobody is named twice as good. */
export function sortShares(shares: Iterable<Held>, manifest: Manifest, part: Part = WORDS): Sorted {
  const good = new Map<string, ShareFile>();
  const bad: [string, ShareRefused][] = [];
  for (const [keeperId, share] of shares) {
    try {
      checkShare(share, manifest, keeperId, part);
      if (good.has(keeperId)) {
        throw new DuplicateShare(
          `The share of ${keeperId} was given twice. It counts once.`,
          "Ask another keeper for theirs.",
        );
      }
      good.set(keeperId, share);
    } catch (refusal) {
      if (!(refusal instanceof ShareRefused)) throw refusal;
      bad.push([keeperId, refusal]);
    }
  }
  return { good: [...good], bad };
}

/**
 * Return the secret half of a release key (`AGE-SECRET-KEY-PQ-1...`) from at least k good shares.
 *
 * Every share is checked first: a bad one is thrown as its own refusal, too few as TooFewShares. Throws ManifestRefused
 * if the key that comes out is not the manifest's.
 */
export async function recoverReleaseKey(
  shares: Iterable<Held>,
  manifest: Manifest,
  releaseKeyFile: Uint8Array,
  part: Part = WORDS,
): Promise<string> {
  const found = sortShares(shares, manifest, part);
  if (found.bad[0]) throw found.bad[0][1];
  if (found.good.length < manifest.k) {
    throw new TooFewShares(
      `${manifest.k} keepers' shares are needed, ${found.good.length} are here. Nothing was combined.`,
      "Ask further keepers for theirs.",
    );
  }
  const secret = slip39.combine(found.good.slice(0, manifest.k).map(([, share]) => share.mnemonic));
  return openReleaseKey(releaseKeyFile, secret, manifest, part);
}

/** Return the secret key that lies in a release key file under the hexadecimal digits of `secret`. */
export async function openReleaseKey(
  data: Uint8Array,
  secret: Uint8Array,
  manifest: Manifest,
  part: Part = WORDS,
): Promise<string> {
  const text = fromUtf8(await openWithPassphrase(data, hex(secret))) ?? "";
  const key = text.split(/\r?\n/).find((line) => line.startsWith("AGE-SECRET-KEY-PQ-1"));
  const promised = part === WORDS ? manifest.release_key : manifest.wishes_release_key;
  if (key === undefined || new HybridSecretKey(bech32.decode(key)[1]).publicText !== promised) {
    throw new ManifestRefused(
      "The release key that came out is not the one in the manifest. Nothing was opened.",
      "The file of the release key was replaced; ask a keeper for the copy in their kit.",
    );
  }
  return key;
}

/** Return a share's index, counted from 0; a mistyped one is named with its keeper. */
function readNaming(words: string, keeperId: string): number {
  try {
    return slip39.read(words).index;
  } catch (error) {
    if (!(error instanceof ShareMistyped)) throw error;
    throw new ShareMistyped(`${keeperId}: ${error.happened}`, error.do);
  }
}
