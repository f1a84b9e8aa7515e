// What keepers gave: sealed shares with a card's key, opened shares, or 33 words that were typed.
import { fromHex, hex } from "../src/signing/bytes.js";
import { type Manifest, type Part, type RosterSeat } from "../src/signing/manifest.js";
import { Refused } from "../src/signing/refusals.js";
import { PersonKeys } from "../src/sealing/person.js";
import { NoKeyFits, ShareMistyped, ShareRefused, TooFewShares } from "../src/sealing/refusals.js";
import { checkShare, type Held, openReleaseKey, openShare, ShareFile } from "../src/sealing/shares.js";
import * as slip39 from "../src/sealing/slip39.js";
import { shareName } from "../src/sealing/tracks.js";
import { type Chosen, named } from "./chosen.js";

/** What one keeper gave for all parts: shares that name their author and split, and words without anything beside. */
export interface Given {
  readonly seat: RosterSeat;
  readonly shares: readonly ShareFile[];
  readonly words: readonly string[];
}

/**
 * Read what stands in a keeper's field: the key of their card, the text of an opened share, or 33 words.
 *
 * Throws BadKey, SealedFileRefused's and ShareRefused's families; nothing given is nothing wrong.
 */
export async function readGiven(
  text: string,
  seat: RosterSeat,
  manifest: Manifest,
  chosen: readonly Chosen[],
): Promise<Given> {
  const shares: ShareFile[] = [];
  const words: string[] = [];
  if (/AGE-SECRET-KEY-/i.test(text)) {
    shares.push(...(await openedWith(PersonKeys.fromCard(text), seat, manifest, chosen)));
  } else if (/^\s*salt:/m.test(text)) {
    shares.push(...openedShares(text));
    for (const share of shares) checkShare(share, manifest, seat.keeper, share.part);
  } else if (text.trim() !== "") {
    words.push(...mnemonics(text));
    for (const one of words) checkPlace(one, seat);
  }
  return { seat, shares, words };
}

/** Return the release key of a part from what all keepers gave. Throws TooFewShares, and what recovery throws. */
export async function releaseKeyOf(
  given: readonly Given[],
  manifest: Manifest,
  part: Part,
  file: Uint8Array,
): Promise<string> {
  const held: Held[] = given.flatMap(({ seat, shares }) =>
    shares.filter((share) => share.part === part).map((share): Held => [seat.keeper, share]),
  );
  const whole = held.map(([, share]) => share.mnemonic);
  const typed = given.filter(({ shares }) => shares.length === 0).flatMap(({ words }) => words);
  // Words alone do not say of which part they are; their split's own number does.
  const splits = new Map<number, string[]>();
  for (const one of new Set([...whole, ...typed])) {
    const { identifier } = slip39.read(one);
    splits.set(identifier, [...(splits.get(identifier) ?? []), one]);
  }
  const fitting = [...splits.values()].filter(
    (some) => whole.length === 0 || some.some((one) => whole.includes(one)),
  );
  const enough = fitting.filter((some) => some.length >= manifest.k);
  const most = Math.max(0, ...fitting.map((some) => some.length));
  if (enough.length === 0) {
    throw new TooFewShares(
      `${manifest.k} keepers' shares are needed, ${most} are here. Nothing was combined.`,
      "Ask further keepers for theirs.",
    );
  }
  // Words of two splits were typed only if some belong elsewhere; the last split's refusal is the one that is told.
  for (const some of enough.slice(0, -1)) {
    try {
      return await openedBy(some, manifest, part, file);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  return openedBy(enough.at(-1) ?? [], manifest, part, file);
}

function openedBy(
  some: readonly string[],
  manifest: Manifest,
  part: Part,
  file: Uint8Array,
): Promise<string> {
  return openReleaseKey(file, slip39.combine(some.slice(0, manifest.k)), manifest, part);
}

/** How many of the shares name their author, which is the one who signed the manifest: those that were not typed. */
export function vouching(given: readonly Given[]): number {
  return given.filter(({ shares }) => shares.length > 0).length;
}

/** The shares of all parts that a keeper's key opens among the chosen files. */
async function openedWith(
  keeper: PersonKeys,
  seat: RosterSeat,
  manifest: Manifest,
  chosen: readonly Chosen[],
): Promise<ShareFile[]> {
  const found: ShareFile[] = [];
  const parts: readonly Part[] = seat.wishes_share === null ? ["words"] : ["words", "wishes"];
  for (const part of parts) {
    const name = shareName(seat.index, part);
    const files = named(chosen, name);
    if (files.length === 0 && part === "words") {
      throw new ShareRefused(
        `The file ${name} is not among the chosen files, so the key of ${seat.keeper} opens nothing yet.`,
        `Choose the kit of ${seat.keeper} as well, or type the 33 words of the share.`,
      );
    }
    found.push(...(await firstThatFits(files, keeper, manifest, seat.keeper, part)));
  }
  return found;
}

async function firstThatFits(
  files: readonly Chosen[],
  keeper: PersonKeys,
  manifest: Manifest,
  keeperId: string,
  part: Part,
): Promise<ShareFile[]> {
  let refusal: unknown;
  for (const { file } of files) {
    try {
      return [await openShare(new Uint8Array(await file.arrayBuffer()), keeper, manifest, keeperId, part)];
    } catch (error) {
      refusal = error;
    }
  }
  if (refusal instanceof NoKeyFits) {
    throw new NoKeyFits(
      `This key does not open the share of ${keeperId}. The share is unharmed.`,
      `Look for the card of ${keeperId}; every card names whose it is.`,
    );
  }
  if (refusal instanceof Error) throw refusal;
  return [];
}

/** The texts of opened shares, whatever became of their spaces and line ends on the way. */
function openedShares(text: string): ShareFile[] {
  const found = text.matchAll(
    /([a-z]+(?:\s+[a-z]+)*)\s+salt:\s*([0-9a-f]{64})\s+author:\s*([0-9a-f]{64})\s+track:\s*(\S+)\s+part:\s*(words|wishes)\s+split:\s*([0-9a-f]{64})\s+share:\s*(\d+)/g,
  );
  const shares = Array.from(
    found,
    ([, words = "", salt = "", author = "", track = "", part, split = "", index]) => {
      const mnemonic = words.trim().split(/\s+/).join(" ");
      return new ShareFile(mnemonic, fromHex(salt), author, track, part as Part, split, Number(index));
    },
  );
  // What was put together is read again, so that no rule of the format is bent here.
  return shares.map((share) => ShareFile.read(share.encode()));
}

/** The mnemonics in a text: 33 words each, one after another. */
function mnemonics(text: string): string[] {
  const words = text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter(Boolean);
  if (words.length % 33 !== 0 || words.length === 0) slip39.read(words.join(" "));
  const found: string[] = [];
  for (let at = 0; at < words.length; at += 33) found.push(words.slice(at, at + 33).join(" "));
  return found;
}

function checkPlace(mnemonic: string, seat: RosterSeat): void {
  const { index } = slip39.read(mnemonic);
  if (index + 1 === seat.index) return;
  throw new ShareMistyped(
    `These words are share ${index + 1}, and ${seat.keeper} holds share ${seat.index}. Nothing was combined.`,
    "Put them into the field of the keeper whose share they are.",
  );
}

/** A fingerprint as people compare it: groups of eight. */
export function grouped(fingerprint: string): string {
  return (hex(fromHex(fingerprint)).match(/.{8}/g) ?? []).join(" ");
}
