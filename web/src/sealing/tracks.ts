// Twin of src/lastwords/sealing/tracks.py: the two locks, the release key, the shares and the manifest of a track.
// Where Python has a folder, a browser has the version's files by name, as blobs that it may lay on disk itself.
import { hex, random, utf8 } from "../signing/bytes.js";
import { sign, type Signed } from "../signing/documents.js";
import { fingerprint } from "../signing/fingerprints.js";
import {
  fileOf,
  follows,
  hasWishes,
  KEEPERS_ONLY,
  Manifest,
  type ManifestFile,
  type Part,
  PARTS,
  RELEASE_KEY_FILE,
  type RosterSeat,
  TIMER_ONLY,
  WISHES,
  WISHES_FILE,
  WISHES_RELEASE_KEY_FILE,
  WORDS,
  WORDS_FILE,
} from "../signing/manifest.js";
import type { NewKeys } from "../signing/new_keys.js";
import { openPieces, type Progress, sealBytes, sealPieces, sealWithPassphrase, told } from "./age/files.js";
import { HybridPublicKey, HybridSecretKey, readPublicKey } from "./age/keys.js";
import { type Opened, type Pack, unpack } from "./container.js";
import { type Folder, Hashed, hashOf, keep, readBlob } from "./hashed.js";
import type { PersonKeys } from "./person.js";
import { KeysRefused, ManifestRefused } from "./refusals.js";
import { deal, type ShareFile } from "./shares.js";

export const MANIFEST_FILE = "manifest.json";
export const SEALED_FILES = { [WORDS]: WORDS_FILE, [WISHES]: WISHES_FILE } as const;
export const RELEASE_KEY_FILES = { [WORDS]: RELEASE_KEY_FILE, [WISHES]: WISHES_RELEASE_KEY_FILE } as const;
export const OWN_FILES = { [WORDS]: "own.age", [WISHES]: "own.wishes.age" } as const;

/** log2 of the scrypt cost of a release key file, whose passphrase is 256 random bits. */
export const RELEASE_WORK_FACTOR = 10;

/** A keeper who gets a share: an id, and the texts of both public keys. */
export interface Keeper {
  readonly keeper: string;
  readonly sealing: string;
  readonly signing: string;
}

/** The way of one condition and recipient: who writes, for whom, under which locks, with which keepers. */
export interface Track {
  readonly author: string;
  readonly track: string;
  readonly condition: Manifest["condition"];
  readonly mode: Manifest["mode"];
  readonly recipient: string;
  /** Null in the mode keepers only. */
  readonly recipientPublicKey: string | null;
  /** 0, as `keepers` is empty, in the mode timer only. */
  readonly k: number;
  readonly keepers: readonly Keeper[];
  readonly alternateOf?: string | null;
}

/** One version, whole: its signed manifest, and all its files, the manifest's own among them. */
export interface Version {
  readonly signed: Signed<Manifest>;
  readonly files: Folder;
}

export interface SealingOptions {
  readonly keepOwnCopy?: boolean;
  readonly progress?: Progress | undefined;
}

/** What a track is continued from: the manifest before, and how the author's key came to be another since, if it did. */
export interface Continued {
  readonly before?: Signed<Manifest>;
  readonly succession?: readonly Signed<NewKeys>[];
}

/** Return the name of a share's file: `share-1.age`, `wishes-share-1.age`. */
export function shareName(index: number, part: Part = WORDS): string {
  return `${part === WORDS ? "" : "wishes-"}share-${index}.age`;
}

/** Return what lies in the author's own copy, to be sealed anew: how rotation starts. */
export function ownCopy(file: Blob, author: PersonKeys): Pack {
  return (progress) => told(openPieces(readBlob(file), [author.secretKey]), progress);
}

/**
 * Seal a track with a new release key, secret and shares; return its version.
 *
 * The first sealing has no `before`; a rotation gives the manifest it replaces, and old shares open nothing of the new
 * files. `moment` is an instant in UTC. `progress` is told plaintext bytes. Throws the Refused family.
 */
export async function sealTrack(
  track: Track,
  author: PersonKeys,
  moment: string,
  words: Pack,
  wishes?: Pack,
  { keepOwnCopy = true, before, succession = [], progress }: SealingOptions & Continued = {},
): Promise<Version> {
  checkTrack(track);
  const packs = packsOf(words, wishes);
  const files = new Map<string, Blob>();
  const locked = track.mode !== TIMER_ONLY;
  const parts: Partial<Record<Part, NewPart>> = {};
  for (const [part, pack] of packs) {
    if (locked) parts[part] = await newPart(files, track, author, part);
    const release = parts[part]?.releaseKey ?? null;
    await sealPart(
      files,
      part,
      pack,
      track.recipientPublicKey,
      release,
      keepOwnCopy ? author : null,
      progress,
    );
  }
  const manifest: Manifest = {
    author: track.author,
    author_signing: author.signing.public.fingerprint,
    track: track.track,
    number: before ? before.document.number + 1 : 1,
    before: before?.digest ?? null,
    made: moment,
    condition: track.condition,
    mode: track.mode,
    recipient: track.recipient,
    recipient_key: track.recipientPublicKey === null ? null : fingerprint(track.recipientPublicKey),
    alternate_of: track.alternateOf ?? null,
    release_key: parts[WORDS]?.releaseKey ?? null,
    wishes_release_key: parts[WISHES]?.releaseKey ?? null,
    words_split: parts[WORDS]?.shares[0]?.split ?? null,
    wishes_split: parts[WISHES]?.shares[0]?.split ?? null,
    k: track.k,
    roster: rosterOf(track, parts),
    files: await filesOf(files, [...packs.keys()], locked),
    succession: succession.at(-1)?.digest,
  };
  return signed(files, manifest, author, before, succession);
}

/**
 * Seal other words or wishes to the same release keys: no keeper is needed, all shares stay good.
 *
 * What is not replaced is taken from `oldFiles` as far as it lies there. Throws ManifestRefused if the recipient's key
 * is not the one of `old`, or wishes are added where there were none (that needs shares of their own).
 */
export async function replaceWords(
  oldFiles: Folder,
  old: Signed<Manifest>,
  author: PersonKeys,
  recipientPublicKey: string | null,
  moment: string,
  words?: Pack,
  wishes?: Pack,
  { keepOwnCopy = true, progress }: SealingOptions = {},
): Promise<Version> {
  const before = old.document;
  const found = recipientPublicKey === null ? null : fingerprint(recipientPublicKey);
  if (found !== before.recipient_key) {
    throw refused("the recipient's key is not the one these words were sealed to", "Seal the track anew.");
  }
  if (wishes && !hasWishes(before)) {
    throw refused("it has no wishes that could be replaced", "Seal the track anew, with wishes.");
  }
  if (before.author_signing !== author.signing.public.fingerprint) {
    throw refused("every share of it names the author's key of then", "Seal the track with new keys.");
  }
  const packs = packsOf(words, wishes);
  const files = new Map<string, Blob>();
  for (const [part, pack] of packs) {
    const release = part === WORDS ? before.release_key : before.wishes_release_key;
    await sealPart(files, part, pack, recipientPublicKey, release, keepOwnCopy ? author : null, progress);
  }
  copyRest(oldFiles, files, before, packs);
  const replaced = [...packs.keys()].map((part) => SEALED_FILES[part] as string);
  const listed = before.files.map(async (file) =>
    replaced.includes(file.name) ? fileIn(files, file.name) : file,
  );
  const manifest: Manifest = {
    ...before,
    number: before.number + 1,
    before: old.digest,
    made: moment,
    files: await Promise.all(listed),
    succession: undefined,
  };
  return signed(files, manifest, author, old);
}

/** Throw ManifestRefused unless every file of the manifest is in `files` with its size and hash. */
export async function checkBundle(files: Folder, manifest: Manifest): Promise<void> {
  for (const file of manifest.files) {
    const found = files.has(file.name) ? await fileIn(files, file.name) : undefined;
    if (found?.sha256 !== file.sha256 || found.size !== file.size) {
      throw refused(
        `${file.name} is missing or is not the file that the author signed`,
        "Fetch it again, or take it from another keeper's kit.",
      );
    }
  }
}

/**
 * Open the words or wishes that lie sealed in `file`, and return their index and items.
 *
 * `releaseSecretKey` comes from `recoverReleaseKey` (null in the mode timer only), the recipient's from their card
 * (null in the mode keepers only). The items are given only if the sealed bytes were those of the manifest and every
 * part was genuine. Throws the Refused family.
 */
export async function openPart(
  file: Blob,
  manifest: Manifest,
  releaseSecretKey: string | null,
  recipientSecretKey: string | null,
  part: Part = WORDS,
  progress?: Progress,
): Promise<Opened> {
  const hashed = new Hashed(readBlob(file));
  let pieces: AsyncIterable<Uint8Array> = hashed;
  if (manifest.mode !== TIMER_ONLY) pieces = openPieces(pieces, keysOf(releaseSecretKey));
  if (manifest.mode !== KEEPERS_ONLY) pieces = openPieces(pieces, keysOf(recipientSecretKey));
  return unpack(checkedAtEnd(pieces, hashed, fileOf(manifest, SEALED_FILES[part])), progress);
}

/** Open the author's own copy, for reading or editing, and return its index and items. */
export function openOwnCopy(file: Blob, author: PersonKeys, progress?: Progress): Promise<Opened> {
  return unpack(openPieces(readBlob(file), [author.secretKey]), progress);
}

/** The plaintext of a sealed file; its end is given only if the sealed bytes were the manifest's. */
async function* checkedAtEnd(
  pieces: AsyncIterable<Uint8Array>,
  hashed: Hashed,
  expected: ManifestFile,
): AsyncGenerator<Uint8Array> {
  yield* pieces;
  if (hashed.sha256 !== expected.sha256 || hashed.size !== expected.size) {
    throw refused(
      `${expected.name} is not the file that the author signed`,
      "Fetch it again, or take it from another keeper's kit; do not trust this copy.",
    );
  }
}

/** The release key of a part, by its public text, and the shares that open it. */
interface NewPart {
  readonly releaseKey: string;
  readonly shares: readonly ShareFile[];
}

/** Make a release key and a secret, seal the key's file and the shares, and forget both. */
async function newPart(
  files: Map<string, Blob>,
  track: Track,
  author: PersonKeys,
  part: Part,
): Promise<NewPart> {
  const release = new HybridSecretKey(random(32));
  const secret = random(32);
  const releaseKey = release.publicText;
  const text = `# Last Words: release key of the ${part}\n# public key: ${releaseKey}\n${release.text}\n`;
  const options = { inText: true, workFactor: RELEASE_WORK_FACTOR };
  files.set(RELEASE_KEY_FILES[part], new Blob([await sealWithPassphrase(utf8(text), hex(secret), options)]));
  const of = { author: author.signing.public.fingerprint, track: track.track, part };
  const shares = deal(secret, track.k, track.keepers.length, of);
  for (const [place, share] of shares.entries()) {
    const sealed = await sealBytes(share.encode(), [track.keepers[place]?.sealing ?? ""]);
    files.set(shareName(share.index, part), new Blob([sealed]));
  }
  return { releaseKey, shares };
}

/** Seal a part under its locks and, beside it, the author's own copy. */
async function sealPart(
  files: Map<string, Blob>,
  part: Part,
  pack: Pack,
  recipientKey: string | null,
  releaseKey: string | null,
  own: PersonKeys | null,
  progress?: Progress,
): Promise<void> {
  let pieces = pack(progress);
  for (const key of [recipientKey, releaseKey]) if (key !== null) pieces = sealPieces(pieces, [key]);
  files.set(SEALED_FILES[part], await keep(pieces));
  if (own) files.set(OWN_FILES[part], await keep(sealPieces(pack(), [own.publicKey])));
}

/** Refuse keepers where there is no outer lock, and classical keys: words must outlast the computers of today. */
function checkTrack(track: Track): void {
  if (track.mode === TIMER_ONLY && track.keepers.length > 0) {
    throw refused("words that only a timer holds back have no keepers", "Choose two locks, or name nobody.");
  }
  const texts = track.keepers.map((keeper) => keeper.sealing);
  if (track.recipientPublicKey !== null) texts.push(track.recipientPublicKey);
  if (!texts.every((text) => readPublicKey(text) instanceof HybridPublicKey)) {
    throw new KeysRefused(
      "A keeper or the recipient has a key of the older kind. Nothing was sealed.",
      "Ask them for a key that begins with age1pq1.",
    );
  }
}

function rosterOf(track: Track, parts: Readonly<Partial<Record<Part, NewPart>>>): RosterSeat[] {
  return track.keepers.map((keeper, place) => ({
    keeper: keeper.keeper,
    index: place + 1,
    sealing: fingerprint(keeper.sealing),
    signing: fingerprint(keeper.signing),
    words_share: parts[WORDS]?.shares[place]?.commitment ?? "",
    wishes_share: parts[WISHES]?.shares[place]?.commitment ?? null,
  }));
}

function filesOf(files: Folder, packed: readonly Part[], locked: boolean): Promise<ManifestFile[]> {
  const parts = PARTS.filter((part) => packed.includes(part));
  const names = parts.map((part) => SEALED_FILES[part] as string);
  if (locked) names.push(...parts.map((part) => RELEASE_KEY_FILES[part]));
  return Promise.all(names.map((name) => fileIn(files, name)));
}

async function fileIn(files: Folder, name: string): Promise<ManifestFile> {
  const [sha256, size] = await hashOf(files.get(name) ?? new Blob());
  return { name: name as ManifestFile["name"], sha256, size };
}

/** Take over what this version shares with the one before: release keys, shares, parts that were not replaced. */
function copyRest(
  old: Folder,
  files: Map<string, Blob>,
  manifest: Manifest,
  packs: ReadonlyMap<Part, Pack>,
): void {
  const names: string[] = Object.values(RELEASE_KEY_FILES);
  for (const part of PARTS) {
    names.push(...manifest.roster.map((seat) => shareName(seat.index, part)));
    if (!packs.has(part)) names.push(SEALED_FILES[part], OWN_FILES[part]);
  }
  for (const name of names) {
    const file = old.get(name);
    if (file) files.set(name, file);
  }
}

function signed(
  files: Map<string, Blob>,
  manifest: Manifest,
  author: PersonKeys,
  before: Signed<Manifest> | undefined,
  succession: readonly Signed<NewKeys>[] = [],
): Version {
  const found = sign(Manifest, manifest, author.signing);
  follows(found, before, succession);
  files.set(MANIFEST_FILE, new Blob([found.data]));
  return { signed: found, files };
}

function packsOf(words: Pack | undefined, wishes: Pack | undefined): Map<Part, Pack> {
  const packs = new Map<Part, Pack>();
  if (words) packs.set(WORDS, words);
  if (wishes) packs.set(WISHES, wishes);
  return packs;
}

function keysOf(key: string | null): string[] {
  return key === null ? [] : [key];
}

function refused(reason: string, what: string): ManifestRefused {
  return new ManifestRefused(`The words were refused: ${reason}. Nothing was changed.`, what);
}
