// Twin of src/lastwords/signing/manifest.py: what was sealed for one recipient under one condition.
import { type DocumentOf, kindOf, type Signed } from "./documents.js";
import { leads, type NewKeys } from "./new_keys.js";
import { NotLinked } from "./refusals.js";
import {
  count,
  digest,
  identifier,
  many,
  moment,
  oneOf,
  orAbsent,
  orNone,
  type Read,
  record,
  refuse,
  text,
} from "./shapes.js";

export const DIED = "died";
export const CANNOT_ACT = "cannot act";
export const CONDITIONS = [DIED, CANNOT_ACT] as const;

export const TWO_LOCKS = "two locks";
export const KEEPERS_ONLY = "keepers only";
export const TIMER_ONLY = "timer only";
export const MODES = [TWO_LOCKS, KEEPERS_ONLY, TIMER_ONLY] as const;

export const WORDS = "words";
export const WISHES = "wishes";
/** The two sealed files of a track; each has a release key and a split of its own. */
export const PARTS = [WORDS, WISHES] as const;
export type Part = (typeof PARTS)[number];

export const WORDS_FILE = "words.age";
export const WISHES_FILE = "wishes.age";
export const RELEASE_KEY_FILE = "release.key.age";
export const WISHES_RELEASE_KEY_FILE = "wishes.release.key.age";
export const FILES = [WORDS_FILE, WISHES_FILE, RELEASE_KEY_FILE, WISHES_RELEASE_KEY_FILE] as const;
export type FileName = (typeof FILES)[number];

/** The most shares that SLIP-39 allows in a group. */
export const MOST_KEEPERS = 16;

const seatFields = {
  keeper: identifier,
  index: count(1, MOST_KEEPERS),
  sealing: digest,
  signing: digest,
  words_share: digest,
  wishes_share: orNone(digest),
};
/** One keeper's place: who, which share, both keys, and a commitment to each of their shares. */
export type RosterSeat = Read<typeof seatFields>;

const fileFields = { name: oneOf(...FILES), sha256: digest, size: count(1) };
/** One sealed file: its name, the SHA-256 of its bytes and its size in bytes. */
export type ManifestFile = Read<typeof fileFields>;

export const headFields = { track: identifier, number: count(1), sha256: digest };
/** The newest manifest that somebody has seen of a track: its number and its digest. */
export type ManifestHead = Read<typeof headFields>;

/** What was sealed on one track. Release keys are whole public keys; the recipient's and the roster's, fingerprints. */
export type Manifest = DocumentOf<typeof Manifest>;
export const Manifest = kindOf(
  "manifest",
  {
    author: identifier,
    author_signing: digest,
    track: identifier,
    number: count(1),
    before: orNone(digest),
    made: moment,
    condition: oneOf(...CONDITIONS),
    mode: oneOf(...MODES),
    recipient: identifier,
    recipient_key: orNone(digest),
    alternate_of: orNone(identifier),
    release_key: orNone(text(2048)),
    wishes_release_key: orNone(text(2048)),
    words_split: orNone(digest),
    wishes_split: orNone(digest),
    k: count(0, MOST_KEEPERS),
    roster: many(record(seatFields), MOST_KEEPERS),
    files: many(record(fileFields), FILES.length),
    succession: orAbsent(digest),
  },
  (manifest) => {
    if ((manifest.number === 1) !== (manifest.before === null)) {
      throw refuse("manifest.before", "null in the first manifest and only there");
    }
    if (manifest.number === 1 && manifest.succession !== undefined) {
      throw refuse("manifest.succession", "absent from the first manifest of a track");
    }
    checkMode(manifest);
    checkFiles(manifest);
    checkRoster(manifest);
  },
);

/** Whether wishes lie beside the words. */
export function hasWishes(manifest: Manifest): boolean {
  return hasFile(manifest, WISHES_FILE);
}

/** Whether the manifest lists a file of this name. */
export function hasFile(manifest: Manifest, name: string): boolean {
  return manifest.files.some((file) => file.name === name);
}

/** Return the entry of a file. Throws WrongShape if the manifest lists none of that name. */
export function fileOf(manifest: Manifest, name: string): ManifestFile {
  const found = manifest.files.find((file) => file.name === name);
  if (!found) throw refuse("manifest.files", `listing ${name}`);
  return found;
}

/** Return a keeper's place. Throws WrongShape if they have none. */
export function seatOf(manifest: Manifest, keeper: string): RosterSeat {
  const found = manifest.roster.find((seat) => seat.keeper === keeper);
  if (!found) throw refuse("manifest.roster", `naming ${keeper}`);
  return found;
}

/** The number and digest by which statements and check-ins name this manifest. */
export function headOf(manifest: Manifest): ManifestHead {
  return { track: manifest.track, number: manifest.number, sha256: Manifest.digest(manifest) };
}

function checkMode(manifest: Manifest): void {
  const lockedByKeepers = manifest.mode !== TIMER_ONLY;
  if ((manifest.recipient_key === null) !== (manifest.mode === KEEPERS_ONLY)) {
    throw refuse("manifest.recipient_key", "null in the mode keepers only and only there");
  }
  const present = {
    release_key: manifest.release_key !== null,
    words_split: manifest.words_split !== null,
    roster: manifest.roster.length > 0,
    k: manifest.k > 0,
  };
  for (const [name, there] of Object.entries(present)) {
    if (there !== lockedByKeepers) {
      throw refuse(`manifest.${name}`, "empty in the mode timer only and only there");
    }
  }
  if (manifest.k > manifest.roster.length) throw refuse("manifest.k", "at most the number of keepers");
}

function checkFiles(manifest: Manifest): void {
  const wishes = hasWishes(manifest);
  const locked = manifest.mode !== TIMER_ONLY;
  const expected = [WORDS_FILE, ...(wishes ? [WISHES_FILE] : [])] as string[];
  if (locked) expected.push(RELEASE_KEY_FILE, ...(wishes ? [WISHES_RELEASE_KEY_FILE] : []));
  expected.sort();
  if (
    manifest.files
      .map((file) => file.name)
      .sort()
      .join() !== expected.join()
  ) {
    throw refuse("manifest.files", "exactly " + expected.join(", "));
  }
  const shared = wishes && locked;
  const values: (readonly [string, string | null])[] = [
    ["wishes_release_key", manifest.wishes_release_key],
    ["wishes_split", manifest.wishes_split],
    ...manifest.roster.map((seat) => [`roster.${seat.keeper}.wishes_share`, seat.wishes_share] as const),
  ];
  for (const [name, value] of values) {
    if ((value !== null) !== shared) {
      throw refuse(`manifest.${name}`, "present exactly when keepers hold a share of wishes");
    }
  }
}

function checkRoster(manifest: Manifest): void {
  for (const name of ["keeper", "index", "sealing", "signing"] as const) {
    if (new Set(manifest.roster.map((seat) => seat[name])).size !== manifest.roster.length) {
      throw refuse(`manifest.roster.${name}`, "different for every keeper");
    }
  }
  for (const seat of manifest.roster) {
    if (seat.sealing === manifest.recipient_key) {
      throw refuse("manifest.roster", "without the recipient, who keeps no share of these words");
    }
    if (seat.signing === manifest.author_signing) throw refuse("manifest.roster", "without the author");
  }
}

/**
 * Return if `next` may take the place of `old` as the newest manifest of a track; `old` is undefined for the first.
 *
 * `succession` is how the author's key came to be another since `old`, oldest word first, each already checked with its
 * signer's key. Throws NotLinked for a signer who is not the author it names, a number that does not rise by one,
 * another predecessor, or another track, author or key.
 */
export function follows(
  next: Signed<Manifest>,
  old?: Signed<Manifest>,
  succession: readonly Signed<NewKeys>[] = [],
): void {
  const document = next.document;
  if (next.signer !== document.author_signing) throw notLinked("its signer is not the author whom it names");
  if (!old) {
    if (document.number !== 1) {
      throw notLinked(`it has number ${document.number}, and none before it is known here`);
    }
    return;
  }
  const before = old.document;
  for (const name of ["author", "track", "condition", "recipient"] as const) {
    if (document[name] !== before[name]) {
      throw notLinked(`its ${name} differs from the one before it`);
    }
  }
  checkSuccession(document, before, succession);
  if (document.number !== before.number + 1) {
    throw notLinked(`it has number ${document.number} after number ${before.number}`);
  }
  if (document.before !== old.digest) throw notLinked("it names another predecessor than the one known here");
}

function checkSuccession(document: Manifest, before: Manifest, succession: readonly Signed<NewKeys>[]): void {
  if (document.author_signing === before.author_signing) {
    if (document.succession !== undefined) {
      throw notLinked("it names a new key, and its author signing is the one before it");
    }
    return;
  }
  const led = leads(succession, document.author, before.author_signing, document.author_signing);
  if (!led || document.succession !== succession.at(-1)?.digest) {
    throw notLinked("its author signing differs from the one before it");
  }
}

function notLinked(reason: string): NotLinked {
  return new NotLinked(
    `The manifest was refused: ${reason}. The newest known one stays in force.`,
    "Ask the author which version is theirs; an older one may have been put in its place.",
  );
}
