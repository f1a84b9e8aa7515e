// Twin of src/lastwords/cli/opening.py: a recipient's side, from being told to reading.
//
// Nothing a host says is believed here: the manifest must be signed by the pinned author and be the one that k keepers
// name with their own signatures; every share is checked against the author's commitments before any is combined, and a
// false one is named; every sealed file must be the one in the manifest. Wishes come first: seeing them is not opening.
import { part as named, post } from "../../client/api.js";
import { download, type Sent } from "../../client/files.js";
import { placesOf } from "../../client/keys_of.js";
import type { Me, Sealed, WordsRow } from "../../client/me.js";
import { type Opened } from "../../sealing/container.js";
import { openGiven } from "../../sealing/covers.js";
import { type Held, recoverReleaseKey, type ShareFile, sortShares } from "../../sealing/shares.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import { openPart, RELEASE_KEY_FILES, SEALED_FILES } from "../../sealing/tracks.js";
import { Act } from "../../signing/act.js";
import { type Bytes, fromBase64, utf8 } from "../../signing/bytes.js";
import { read } from "../../signing/documents.js";
import { PublicKey } from "../../signing/keys.js";
import { fetchList } from "../../signing/lists.js";
import { fileOf, KEEPERS_ONLY, type Part, TIMER_ONLY } from "../../signing/manifest.js";
import { Refused } from "../../signing/refusals.js";

/** A recipient's own words, as the host lists them once told. */
export interface OwnRow extends WordsRow {
  readonly words: string;
  readonly told_by: string;
  readonly roster_keys: Readonly<Record<string, string>>;
  readonly shares: readonly GivenShare[];
}

interface GivenShare {
  readonly keeper: string;
  readonly part: Part;
  readonly body: string;
  readonly head: string | null;
}

/** That fewer good shares are here than are needed: the keepers have been asked. */
export class SharesAwaited extends Refused {}

/** The words of this track, checked, or nothing where the host does not list them. */
export async function ownWords(me: Me, author: string, track: string): Promise<Sealed<OwnRow> | undefined> {
  const all = await me.sealed<OwnRow>(author);
  return all.find(({ row, manifest }) => row.track === track && manifest.document.recipient === me.handle);
}

/** Ask for the shares of the words, or name the keepers whose shares are false. */
export async function want(
  me: Me,
  author: string,
  track: string,
  bad: readonly string[] = [],
): Promise<void> {
  const document = me.signAct("shares wanted", author, "recipient", { subject: track });
  await post(`/watches/${named(author)}/tracks/${named(track)}/shares-wanted`, { document, bad });
}

/** Open one part. Throws SharesAwaited while too few keepers have given theirs, and every refusal of `sealing`. */
export async function open(me: Me, sealed: Sealed<OwnRow>, part: Part, sent?: Sent): Promise<Opened> {
  const manifest = sealed.manifest.document;
  let release: string | null = null;
  if (manifest.mode !== TIMER_ONLY) {
    await fetchList(SLIP39_WORDS);
    const good = await goodShares(me, sealed, part);
    checkThere(sealed, part);
    checkNewest(sealed, part);
    const file = await download(fileOf(manifest, RELEASE_KEY_FILES[part]));
    release = await recoverReleaseKey(good, manifest, new Uint8Array(await file.arrayBuffer()), part);
  }
  const file = await download(fileOf(manifest, SEALED_FILES[part]), sent);
  const own = manifest.mode === KEEPERS_ONLY ? null : me.keys.secretKey;
  return openPart(file, manifest, release, own, part);
}

/** At least k shares of a part that are what the author committed to. False ones are named to the keepers. */
async function goodShares(me: Me, sealed: Sealed<OwnRow>, part: Part): Promise<readonly Held[]> {
  const manifest = sealed.manifest.document;
  const held = placesOf(sealed);
  const known = new Map<string, readonly [keeper: string, share: ShareFile]>();
  const bad: string[] = [];
  for (const row of sealed.row.shares.filter((one) => one.part === part)) {
    const share = await opened(row, me);
    const place = held.get(row.keeper);
    // One place is one share, through whatever hands it went; whoever gave a false one is named as who they are now.
    if (share && place) known.set(place.keeper, [row.keeper, share]);
    else bad.push(row.keeper);
  }
  const sorted = sortShares(
    [...known].map(([place, [, share]]) => [place, share] as const),
    manifest,
    part,
  );
  bad.push(...sorted.bad.map(([place]) => known.get(place)?.[0] ?? place));
  const theirs = bad.filter((name) => held.has(name));
  if (theirs.length > 0) await want(me, manifest.author, manifest.track, theirs);
  if (sorted.good.length >= manifest.k) return sorted.good;
  throw new SharesAwaited(
    `${manifest.k} keepers' shares are needed and ${sorted.good.length} good ones are here` +
      (bad.length > 0 ? `; that of ${bad.join(", ")} is false` : "") +
      ". Nothing was combined or opened; what is sealed is unharmed.",
    "The keepers are asked to give theirs. Look again when one of them says that it is done.",
  );
}

async function opened(row: GivenShare, me: Me): Promise<ShareFile | undefined> {
  const data: Bytes | undefined = fromBase64(row.body.replace(/=+$/, ""));
  try {
    return data && (await openGiven(data, me.keys.secretKey));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return undefined;
  }
}

/**
 * Say of words that were opened and whose shares are gone that they are: what follows would call that an older version.
 * Whether it is true is the host's to know; nothing is opened either way.
 */
function checkThere({ row }: Sealed<OwnRow>, part: Part): void {
  if (row.words !== "opened" || row.shares.some((share) => share.part === part)) return;
  throw new Refused(
    `The keepers' shares of ${row.track} are not with the host any more, so it could not be opened once more. ` +
      "What you opened before is unharmed: keep those files.",
    "So it is when the author has given a sign of life since. Speak with the keeper who told you.",
  );
}

/** Refuse a manifest that is not the one k keepers name: each share comes with its keeper's signed word for it. */
function checkNewest(sealed: Sealed<OwnRow>, part: Part): void {
  const { document: manifest, digest } = sealed.manifest;
  const held = placesOf(sealed);
  const agree = new Set<number>();
  const differ = new Set<string>();
  for (const row of sealed.row.shares) {
    const place = held.get(row.keeper);
    const key = sealed.row.roster_keys[row.keeper];
    if (row.part !== part || row.head === null || !place || key === undefined) continue;
    const said = namedBy(row.keeper, place.signing, key, row.head, manifest.author, manifest.track);
    if (said === digest) agree.add(place.index);
    else if (said !== null) differ.add(row.keeper);
  }
  if (agree.size >= manifest.k) return;
  throw new Refused(
    `Version ${manifest.number} of ${manifest.track} is named as the newest by ${agree.size} keepers, and ` +
      `${manifest.k} are needed` +
      (differ.size > 0 ? `; ${[...differ].sort().join(", ")} named another one` : "") +
      ". Nothing was opened; what is sealed is unharmed.",
    "Ask the keepers which version they signed for. The host may show an older one.",
  );
}

/** The manifest a keeper's word names; nothing when it is not their word about this track. */
function namedBy(
  keeper: string,
  signing: string,
  keyText: string,
  head: string,
  author: string,
  track: string,
): string | null {
  try {
    const key = PublicKey.read(keyText);
    if (key.fingerprint !== signing) return null;
    const act = read(utf8(head), Act, key).document;
    const said = [act.actor, act.role, act.author, act.act, act.subject].join("\n");
    return said === [keeper, "keeper", author, "give share", track].join("\n") ? act.body : null;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return null;
  }
}

/** Tell the host that the words are open. They stay open when it does not hear. */
export async function sayOpened(me: Me, author: string, track: string): Promise<void> {
  const document = me.signAct("open", author, "recipient", { subject: track });
  await post(`/watches/${named(author)}/tracks/${named(track)}/opened`, { document });
}

/** Say something else than opening: later, no thank you, through someone else. */
export async function answer(
  me: Me,
  author: string,
  track: string,
  act: "later" | "decline" | "through someone else",
  verb: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const document = me.signAct(act, author, "recipient", { subject: track });
  await post(`/watches/${named(author)}/tracks/${named(track)}/${verb}`, { document, ...more });
}
