// Twin of src/lastwords/cli/words.py: the author writes for one person at a time, replaces, reads and takes back.
//
// Everything is sealed in this browser before it is sent: to the recipient's key that this author made sure of, and under
// a release key whose shares go to the keepers' keys that they made sure of.
import { part, post } from "../../client/api.js";
import { download, type Sent } from "../../client/files.js";
import { placesOf } from "../../client/keys_of.js";
import { type Me, now, type Sealed, type WordsRow } from "../../client/me.js";
import { Misplaced } from "../../client/refusals.js";
import type { Progress } from "../../sealing/age/files.js";
import { items, type Item, type Opened } from "../../sealing/container.js";
import { hashOf } from "../../sealing/hashed.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import {
  openOwnCopy,
  ownCopy,
  replaceWords,
  sealTrack,
  type Track,
  type Version,
} from "../../sealing/tracks.js";
import type { Signed } from "../../signing/documents.js";
import { fetchList } from "../../signing/lists.js";
import {
  CANNOT_ACT,
  DIED,
  hasWishes,
  KEEPERS_ONLY,
  type Manifest,
  type Part,
  TIMER_ONLY,
  TWO_LOCKS,
  WISHES,
  WORDS,
} from "../../signing/manifest.js";
import { Refused } from "../../signing/refusals.js";
import { type Before, type FileRow, layDown, type Posting } from "./sending.js";
import { pinned } from "./pinned.js";
import { type Bounds, boundsOf, byItself, type Candidate, candidates, chosen, without } from "./sharing.js";
import { believed } from "./terms.js";

/** One's own track, as the host lists it. */
export interface OwnRow extends WordsRow {
  readonly sha256: string;
  readonly recipient: string;
  readonly keys_due: boolean;
  readonly adult: string | null;
  readonly own: readonly FileRow[];
  readonly shares: readonly FileRow[];
}

/** What is written: the words, and what stands on the envelope (wishes and note). */
export interface Content {
  readonly words: readonly Item[];
  readonly wishes: readonly Item[];
}

/** How the next version of a track will be sealed. `old` is the version in force, `before` what the next one follows. */
export interface Way {
  readonly track: Track;
  readonly old: Sealed<OwnRow> | undefined;
  readonly before: Signed<Manifest> | undefined;
  /** Whether the keepers' lock is still to come: too few of them are verified, and the plan is not active. */
  readonly keepersToCome: boolean;
  readonly choice: Choice;
  /** Who is with a child when they are told; empty where the recipient is told themselves. */
  readonly adult: string;
}

/** The words in force on a track. Throws Refused where there are none. */
export async function inForce(me: Me, name: string): Promise<Sealed<OwnRow>> {
  const all = await me.sealed<OwnRow>(me.handle);
  const found = all.find(({ row }) => row.track === name && !row.taken_back);
  if (found) return found;
  throw new Refused("There are no sealed words here any more. Nothing was changed.", "Load the page again.");
}

/** What an author may choose for one track; what is left out stays as it was, or as the plan has it. */
export interface Wish {
  readonly quorum?: number | undefined;
  /** No inner lock: any k keepers can open the words, with no key of the recipient's. */
  readonly keepersOnly?: boolean | undefined;
  /** The handles of the keepers who hold a share. */
  readonly shares?: readonly string[] | undefined;
  /** The handle of whoever is with a child; empty for nobody. */
  readonly adult?: string | undefined;
}

/** Who could hold a share of a track's words, and who does where the author chooses nothing. */
export interface Choice {
  readonly all: readonly Candidate[];
  readonly marked: readonly string[];
}

/**
 * The choice for a track, whose words open with `k` shares: as it is while no new keys are due and whoever holds one may,
 * or as it would be best.
 */
function choiceOf(
  all: readonly Candidate[],
  old: Sealed<OwnRow> | undefined,
  bounds: Bounds,
  adult: string,
): Choice {
  const held = old ? [...placesOf(old).keys()] : [];
  const asItIs = all
    .filter(({ handle, keeper }) => keeper && held.includes(handle))
    .map(({ handle }) => handle);
  const stays = old !== undefined && !old.row.keys_due && asItIs.length > 0 && !held.includes(adult);
  return { all, marked: stays ? asItIs : byItself(all, held, bounds) };
}

/** The next version's way, and what could have been chosen for it. Throws Refused. */
export async function wayOf(me: Me, name: string, wish: Wish = {}): Promise<Way> {
  const [condition, recipient = "", alternateOf = null] = name.split(".");
  const all = await me.sealed<OwnRow>(me.handle);
  const last = all.find(({ row }) => row.track === name);
  const old = last?.row.taken_back ? undefined : last;
  const { armed, plan } = await believed(me);
  const keepersOnly = wish.keepersOnly ?? old?.manifest.document.mode === KEEPERS_ONLY;
  const bounds = boundsOf(armed, plan.quorum, wish.quorum ?? plan.quorum);
  const adult = wish.adult ?? old?.row.adult ?? "";
  const choice = choiceOf(plan.timer_only ? [] : await candidates(me, recipient, adult), old, bounds, adult);
  const able = choice.all.filter(({ keeper }) => keeper).length;
  const enough = able >= bounds.k;
  if (!enough && !plan.timer_only && old?.manifest.document.mode === TWO_LOCKS) {
    throw lockLost(bounds.k, able, adult);
  }
  if (!enough && !plan.timer_only && (armed || keepersOnly)) {
    throw new Misplaced(
      "quorum",
      `${bounds.k} keepers are needed to open these words, and ${able} can hold a share${without(adult)}. Nothing was sealed.`,
      "Verify more keepers first, or choose a smaller number.",
    );
  }
  const track: Track = {
    author: me.handle,
    track: name,
    condition: condition === DIED ? DIED : CANNOT_ACT,
    mode: keepersOnly ? KEEPERS_ONLY : enough ? TWO_LOCKS : TIMER_ONLY,
    recipient,
    recipientPublicKey: keepersOnly ? null : (await pinned(me, recipient)).public_key,
    k: enough ? bounds.k : 0,
    keepers: enough ? chosen(choice.all, wish.shares ?? choice.marked, bounds, adult) : [],
    alternateOf,
  };
  return { track, old, before: last?.manifest, keepersToCome: !enough && !plan.timer_only, choice, adult };
}

/** What an author can choose for a track before anything is written, and the number its words open with now, if another
 * than the plan's. `adult` is who would be with a child; left out, who is by now. */
export async function choicesFor(
  me: Me,
  name: string,
  adult?: string,
): Promise<Choice & { readonly k: number | undefined }> {
  const old = (await me.sealed<OwnRow>(me.handle)).find(({ row }) => row.track === name && !row.taken_back);
  const { armed, plan } = await believed(me);
  const now = old?.manifest.document.k ?? 0;
  const reader = adult ?? old?.row.adult ?? "";
  const all = plan.timer_only ? [] : await candidates(me, name.split(".")[1] ?? "", reader);
  const choice = choiceOf(all, old, boundsOf(armed, plan.quorum, now || plan.quorum), reader);
  return { ...choice, k: now > 0 && now !== plan.quorum ? now : undefined };
}

/** The refusal to seal words with one lock that were sealed with two, whatever a host says of the keepers. */
function lockLost(k: number, able: number, adult: string): Refused {
  return new Misplaced(
    "quorum",
    `${k} keepers are needed to open these words, and the host lists ${able} who can hold a share${without(adult)}. ` +
      "With so few the keepers' lock would be lost. Nothing was sealed; the version in force is unharmed.",
    "Verify more keepers first, or choose a smaller number. If you have enough, tell whoever runs the host.",
  );
}

// Sealing.

/** Seal content along its way, and lay it down to be sent. */
export async function seal(me: Me, way: Way, content: Content, progress: Progress): Promise<Posting> {
  if (content.words.length === 0) {
    throw new Refused(
      "Nothing is written yet, so nothing was sealed.",
      "Write, record or add something first.",
    );
  }
  await fetchList(SLIP39_WORDS);
  const words = items(content.words);
  const wishes = content.wishes.length > 0 ? items(content.wishes) : undefined;
  const { track, old, before, adult } = way;
  if (old && keysStay(way, content)) {
    const version = await replaceWords(
      new Map(),
      old.manifest,
      me.keys,
      track.recipientPublicKey,
      now(),
      words,
      wishes,
      { progress },
    );
    return layDown(me, version, beforeOf(old.row), adult);
  }
  const version = await sealTrack(track, me.keys, now(), words, wishes, {
    progress,
    ...(before ? { before, succession: await me.succession(before) } : {}),
  });
  return layDown(me, version, undefined, adult);
}

/** Whether a new version goes under the same release key: then no keeper is needed, and every share stays good. */
export function keysStay({ old, track }: Way, content: Content): boolean {
  if (!old || old.row.keys_due) return false;
  const { mode, k } = old.manifest.document;
  const sameWishes = hasWishes(old.manifest.document) === content.wishes.length > 0;
  const now = track.keepers.map(({ keeper }) => keeper);
  const held = [...placesOf(old).keys()];
  const sameHolders = now.length === held.length && now.every((keeper) => held.includes(keeper));
  return mode === track.mode && k === track.k && sameWishes && sameHolders;
}

/** Seal the same words with a new release key and new shares: after a case, or when the keepers changed. */
export async function sealAnew(me: Me, name: string, wish: Wish, progress: Progress): Promise<Posting> {
  const old = await inForce(me, name);
  const { track, keepersToCome, adult } = await wayOf(me, name, wish);
  if (keepersToCome) throw tooFew(wish, adult);
  await fetchList(SLIP39_WORDS);
  const words = ownCopy(await ownFile(me, old, WORDS), me.keys);
  const wishes = hasWishes(old.manifest.document)
    ? ownCopy(await ownFile(me, old, WISHES), me.keys)
    : undefined;
  const version: Version = await sealTrack(track, me.keys, now(), words, wishes, {
    before: old.manifest,
    succession: await me.succession(old.manifest),
    progress,
  });
  return layDown(me, version, undefined, adult);
}

function tooFew({ quorum }: Wish, adult: string): Refused {
  return new Misplaced(
    "quorum",
    `Too few of your keepers are verified to put their lock on these words${quorum === undefined ? "" : ` by ${quorum}`}${without(adult)}. ` +
      "Nothing was sealed; what was sealed before is unharmed.",
    "Verify more keepers first, or choose a smaller number.",
  );
}

function beforeOf({ shares, own }: OwnRow): Before {
  return { shares, own };
}

// Reading one's own copy, and taking back.

/** Open one's own copy of a part. Throws Refused. */
export async function openOwn(me: Me, old: Sealed<OwnRow>, which: Part, got?: Sent): Promise<Opened> {
  return openOwnCopy(await ownFile(me, old, which, got), me.keys);
}

/** One's own copy, made sure to be the one that left a browser of this person's: anyone can seal to a public key. */
async function ownFile(me: Me, old: Sealed<OwnRow>, which: Part, got?: Sent): Promise<Blob> {
  const row = old.row.own.find(({ name }) => name === which);
  const noted = me.pins.ownCopies(old.row.track, old.manifest.document.number)[which];
  if (!row || noted === undefined) {
    throw new Refused(
      "There is no copy of your own here that this browser could check; what is sealed is unharmed.",
      "Write these words again, or read them where you sealed them.",
    );
  }
  if (row.sha256 !== noted) {
    throw new Refused(
      "The host shows another file as your own copy than the one you sent; it was not used.",
      "Tell whoever runs the host, and seal these words again from what you have.",
    );
  }
  const file = await download({ name: "words.age", sha256: row.sha256, size: row.size }, got);
  if ((await hashOf(file))[0] !== noted) {
    throw new Refused("Your own copy came damaged, and was not used.", "Load the page and try again.");
  }
  return file;
}

/** Take words back: the host deletes the sealed files, and nothing is given to anyone. */
export async function takeBack(me: Me, name: string): Promise<void> {
  const document = me.signAct("take back", me.handle, "author", { subject: name });
  await post(`/watches/${part(me.handle)}/words`, { take_back: name, document });
  await me.pins.takeBack(me.handle, name);
}
