// Twin of src/lastwords/cli/pins.py: what this person has made sure of. Whose key is whose, and the newest manifest and
// plan seen.
//
// None of it may be changed by anything a host says. It lies in this browser, and at the host as well, sealed under a key
// made from the person's own: a host can withhold it, and can neither read nor write it. The secrets of invitations are
// the one part that nobody else may know, and lie at the host alone, so sealed.
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as bech32 from "../sealing/age/bech32.js";
import type { PersonKeys } from "../sealing/person.js";
import { type Bytes, concat, fromBase64, fromUtf8, random, toBase64, utf8 } from "../signing/bytes.js";
import type { Signed } from "../signing/documents.js";
import { fingerprint } from "../signing/fingerprints.js";
import type { Manifest, ManifestHead } from "../signing/manifest.js";
import { Refused } from "../signing/refusals.js";
import { put, read } from "./api.js";

export const PINS_LABEL = "lastwords/v1/pins";

/** One person's keys. `signing` is the fingerprint of the signing key; what is not known for certain is left away. */
export interface Pin {
  readonly signing: string;
  readonly how: string;
  readonly public_key?: string;
  readonly signing_key?: string;
}

interface Head {
  readonly number: number;
  readonly sha256: string;
  readonly taken_back?: boolean;
}

/** An invitation that this person made, by its public id; `fragment` holds its secret. */
export interface Made {
  readonly role: string;
  readonly name: string;
  readonly fragment: string;
}

/** One's own copies of a track, as they left a browser of this person's: of which version, and their hashes by part. */
interface Own {
  readonly number: number;
  readonly hashes: Readonly<Record<string, string>>;
}

/** In which household somebody lives, and when that was noted (milliseconds): what was noted last holds. */
interface Household {
  readonly name: string;
  readonly at: number;
}

interface Known {
  people: Record<string, Pin>;
  manifests: Record<string, Record<string, Head>>;
  own: Record<string, Own>;
  /** The newest word of each author for their emergency notes. */
  notes: Record<string, Head>;
  /** The newest plan of one's own that was signed, by its version; 0 for none. */
  plan: { version: number };
  /** Signing keys that people had before, as texts: what they signed with them and was seen stays believed. */
  older: Record<string, readonly string[]>;
  /** The one part that is secret: it is kept sealed at the host, and in this browser not at all. */
  invitations: Record<string, Made>;
  /** Which keepers live together, in words of the author's own; empty where it was forgotten again. */
  households: Record<string, Household>;
  /** Whom this author made a keeper: a key that is known says whose it is, and not that a share may go to it. */
  keepers: Record<string, boolean>;
}

/** Remember an author for this person, before their key is at hand; another fingerprint than the one known is refused. */
export function pin(handle: string, author: string, known: Pin): boolean {
  const local = fromThisBrowser(handle);
  const before = local.people[author];
  if (before) return before.signing === known.signing;
  local.people[author] = known;
  keepHere(handle, local);
  return true;
}

/** The pins of one person, wherever they were made. */
export class Pins {
  #known: Known;
  #revision: number;

  private constructor(
    readonly handle: string,
    readonly keys: PersonKeys,
    known: Known,
    revision: number,
  ) {
    this.#known = known;
    this.#revision = revision;
  }

  /** What this browser knows and what was kept at the host, together. Throws Refused where the two contradict. */
  static async of(handle: string, keys: PersonKeys): Promise<Pins> {
    const { sealed, revision } = await read<{ sealed: string | null; revision: number }>("/me/pins");
    const kept = sealed === null ? nothing() : await opened(sealed, keys);
    return new Pins(handle, keys, together(fromThisBrowser(handle), kept), revision);
  }

  person(handle: string): Pin | undefined {
    return this.#known.people[handle];
  }

  /** Pin a person, or fill in keys of a pin that knew only the fingerprint. Throws Refused for another key. */
  async keep(handle: string, pin: Pin): Promise<void> {
    const before = this.#known.people[handle];
    const merged = before ? joined(handle, before, pin) : pin;
    if (JSON.stringify(merged) === JSON.stringify(before)) return;
    this.#known.people[handle] = merged;
    await this.#save();
  }

  /** Pin the new keys of a person, made sure of by voice, in the place of the old ones (`before`: the old signing key). */
  async replace(handle: string, pin: Pin, before?: string): Promise<void> {
    const old = before ?? this.#known.people[handle]?.signing_key;
    const known = this.#known.older[handle] ?? [];
    if (old !== undefined && !known.includes(old)) this.#known.older[handle] = [...known, old];
    this.#known.people[handle] = pin;
    await this.#save(handle);
  }

  /** Signing keys that this person had before. */
  older(handle: string): readonly string[] {
    return this.#known.older[handle] ?? [];
  }

  /** The newest manifests of this author's words that this person has seen, in the order of their tracks. */
  heads(author: string): ManifestHead[] {
    return Object.entries(this.#known.manifests[author] ?? {})
      .filter(([, head]) => !head.taken_back)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([track, { number, sha256 }]) => ({ track, number, sha256 }));
  }

  /**
   * Note manifests whose signatures were checked. Throws Refused for one older than, or another than, one seen, and for
   * one that a key given up by its author has signed and that was not seen before.
   */
  async see(signed: readonly Signed<Manifest>[]): Promise<void> {
    let news = false;
    for (const one of signed) {
      const { author, track, number } = one.document;
      const tracks = (this.#known.manifests[author] ??= {});
      const seen = tracks[track];
      const givenUp = author !== this.handle && this.older(author).map(fingerprint).includes(one.signer);
      if (givenUp && number > (seen?.number ?? 0)) throw ofOldKey(author, track, number);
      if (seen && number < seen.number) throw older(track, number, seen.number);
      if (seen && number === seen.number && one.digest !== seen.sha256) throw two(track, number);
      if (seen && number <= seen.number) continue;
      tracks[track] = { number, sha256: one.digest };
      news = true;
    }
    if (news) await this.#save();
  }

  /** The version of this author's own plan that was signed last, as far as is known here; 0 for none. */
  planSeen(): number {
    return this.#known.plan.version;
  }

  /** Note a plan with this author's signature. An older one changes nothing. */
  async seePlan(version: number): Promise<void> {
    if (version <= this.planSeen()) return;
    this.#known.plan = { version };
    await this.#save();
  }

  /** The number of the newest word for an author's emergency notes that was seen here; 0 for none. */
  notesSeen(author: string): number {
    return this.#known.notes[author]?.number ?? 0;
  }

  /** Note an author's word for their emergency notes. Throws Refused for one older than, or another than, one seen. */
  async seeNotes(author: string, number: number, sha256: string): Promise<void> {
    const seen = this.#known.notes[author];
    if (seen && (number < seen.number || (number === seen.number && sha256 !== seen.sha256))) {
      throw olderNotes(number, seen.number);
    }
    if (seen?.number === number) return;
    this.#known.notes[author] = { number, sha256 };
    await this.#save();
  }

  /** Note that these words are taken back. Their number stays, so that none older is ever believed. */
  async takeBack(author: string, track: string): Promise<void> {
    const head = this.#known.manifests[author]?.[track];
    if (!head) return;
    this.#known.manifests[author] = {
      ...this.#known.manifests[author],
      [track]: { ...head, taken_back: true },
    };
    await this.#save();
  }

  /** Hashes of one's own copies of this version of a track, by part; nothing where it was not sealed in a browser. */
  ownCopies(track: string, number: number): Readonly<Record<string, string>> {
    const own = this.#known.own[track];
    return own?.number === number ? own.hashes : {};
  }

  /** Note what was sent with this version. Anyone can seal a file to a public key; only the hash tells ours. */
  async keepOwnCopies(track: string, number: number, hashes: Record<string, string>): Promise<void> {
    this.#known.own[track] = { number, hashes };
    await this.#save();
  }

  /** The invitations that this person made, on whatever device, by their public id. */
  invitations(): Readonly<Record<string, Made>> {
    return this.#known.invitations;
  }

  /** Note an invitation before anyone hears of it: an answer could not be checked without its secret. */
  async keepInvitation(id: string, made: Made): Promise<void> {
    this.#known.invitations[id] = made;
    await this.#save();
  }

  /** Who lives in which household, as this author noted it. */
  households(): Readonly<Record<string, string>> {
    const noted = Object.entries(this.#known.households);
    return Object.fromEntries(noted.map(([handle, { name }]) => [handle, name]));
  }

  /** Note, or with an empty name forget, in which household somebody lives. */
  async keepHousehold(handle: string, name: string): Promise<void> {
    this.#known.households[handle] = { name, at: Date.now() };
    await this.#save();
  }

  /** Whether this author made somebody a keeper in a browser of theirs. */
  keeps(handle: string): boolean {
    return this.#known.keepers[handle] === true;
  }

  /** Note that this author verified a keeper. */
  async seat(handle: string): Promise<void> {
    this.#known.keepers[handle] = true;
    await this.#save();
  }

  /**
   * Keep them here first, then at the host. Another tab may have been sooner at either: then both are put together, or
   * this browser would forget what that tab has seen. `replaced` is somebody whose pin here is given up.
   */
  async #save(replaced = ""): Promise<void> {
    const here = fromThisBrowser(this.handle);
    Reflect.deleteProperty(here.people, replaced);
    this.#known = together(this.#known, here);
    keepHere(this.handle, this.#known);
    for (let attempt = 0; attempt < 3; attempt++) {
      const sealed = await sealedFor(this.#known, this.keys);
      const said = await put<{ revision: number; kept: boolean; sealed: string | null }>("/me/pins", {
        sealed,
        revision: this.#revision,
      });
      this.#revision = said.revision;
      if (said.kept) return;
      const other = said.sealed === null ? nothing() : await opened(said.sealed, this.keys);
      this.#known = together(this.#known, other);
      keepHere(this.handle, this.#known);
    }
  }
}

// Putting together, and refusing what cannot be.

function together(one: Known, other: Known): Known {
  const made = structuredClone(one);
  for (const [handle, pin] of Object.entries(other.people)) {
    const before = made.people[handle];
    made.people[handle] = before ? newer(handle, before, pin, one, other) : pin;
  }
  for (const [handle, keys] of Object.entries(other.older)) {
    made.older[handle] = [...new Set([...(made.older[handle] ?? []), ...keys])];
  }
  for (const [author, tracks] of Object.entries(other.manifests)) {
    const mine = (made.manifests[author] ??= {});
    for (const [track, head] of Object.entries(tracks)) {
      const before = mine[track];
      if (before?.number === head.number && before.sha256 !== head.sha256) throw two(track, head.number);
      if (!before || head.number > before.number || head.taken_back) mine[track] = newest(before, head);
    }
  }
  for (const [author, word] of Object.entries(other.notes)) {
    const before = made.notes[author];
    if (before?.number === word.number && before.sha256 !== word.sha256) {
      throw olderNotes(word.number, before.number);
    }
    if (!before || word.number > before.number) made.notes[author] = word;
  }
  if (other.plan.version > made.plan.version) made.plan = other.plan;
  for (const [track, own] of Object.entries(other.own)) {
    if (own.number > (made.own[track]?.number ?? 0)) made.own[track] = own;
  }
  for (const [handle, household] of Object.entries(other.households)) {
    if (household.at > (made.households[handle]?.at ?? 0)) made.households[handle] = household;
  }
  made.invitations = { ...other.invitations, ...made.invitations };
  made.keepers = { ...other.keepers, ...made.keepers };
  return made;
}

/** Of two pins, the one whose key the other side has given up is not the one that counts. */
function newer(handle: string, mine: Pin, theirs: Pin, one: Known, other: Known): Pin {
  if (mine.signing !== theirs.signing) {
    if (other.older[handle]?.map(fingerprint).includes(mine.signing)) return theirs;
    if (one.older[handle]?.map(fingerprint).includes(theirs.signing)) return mine;
  }
  return joined(handle, mine, theirs);
}

function newest(before: Head | undefined, head: Head): Head {
  return before && before.number > head.number ? before : head;
}

function joined(handle: string, before: Pin, pin: Pin): Pin {
  for (const name of ["signing", "public_key", "signing_key"] as const) {
    if (before[name] && pin[name] && before[name] !== pin[name]) throw anotherKey(handle);
  }
  return { ...pin, ...before };
}

/** The refusal of a key that is not the pinned one. */
export function anotherKey(handle: string): Refused {
  return new Refused(
    `The host shows another key for ${handle} than the one you made sure of. It was not used; nothing was sent.`,
    `Speak with ${handle} and compare the eight words of their key. If they have a new key, ask for a new invitation; ` +
      "if not, tell whoever runs the host.",
  );
}

function ofOldKey(author: string, track: string, number: number): Refused {
  return new Refused(
    `Version ${number} of ${track} is signed with a key that ${author} has given up, and was not seen here before ` +
      "that. It was not used; nothing was changed.",
    `Ask ${author} to seal it anew. Whoever found the old key could have made it.`,
  );
}

function older(track: string, number: number, seen: number): Refused {
  return new Refused(
    `The host shows version ${number} of ${track}, but version ${seen} was seen before. The older one was not used; ` +
      "nothing was changed.",
    "Ask the author or another keeper which version is newest. The host may have been restored.",
  );
}

function two(track: string, number: number): Refused {
  return new Refused(
    `There are two different manifests with number ${number} of ${track}, both signed by the author. Neither was ` +
      "used; nothing was changed.",
    "Ask the author which one is theirs, by a way you trust.",
  );
}

function olderNotes(number: number, seen: number): Refused {
  return new Refused(
    `The host shows version ${number} of the emergency notes, and another one, number ${seen}, was seen before. ` +
      "Nothing was opened.",
    "Ask the author or another keeper which version is newest. The host may have been restored.",
  );
}

// At rest.

function nothing(): Known {
  const shared = { people: {}, manifests: {}, own: {}, notes: {}, plan: { version: 0 }, older: {} };
  return { ...shared, invitations: {}, households: {}, keepers: {} };
}

function fromThisBrowser(handle: string): Known {
  const text = localStorage.getItem(nameOf(handle));
  return text === null ? nothing() : { ...nothing(), ...(JSON.parse(text) as Partial<Known>) };
}

function keepHere(handle: string, known: Known): void {
  localStorage.setItem(nameOf(handle), JSON.stringify({ ...known, invitations: {} }));
}

function nameOf(handle: string): string {
  return `lastwords.pins ${handle}`;
}

async function lockOf(keys: PersonKeys): Promise<CryptoKey> {
  const [, seed] = bech32.decode(keys.secretKey);
  const raw = Uint8Array.from(hkdf(sha256, seed, undefined, utf8(PINS_LABEL), 32));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function sealedFor(known: Known, keys: PersonKeys): Promise<string> {
  const iv = random(12);
  const text = utf8(JSON.stringify(known));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await lockOf(keys), text);
  const all = toBase64(concat(iv, new Uint8Array(sealed)));
  return all + "=".repeat((4 - (all.length % 4)) % 4);
}

async function opened(sealed: string, keys: PersonKeys): Promise<Known> {
  const data: Bytes | undefined = fromBase64(sealed.replace(/=+$/, ""));
  try {
    if (!data) throw new Error("no base64");
    const algorithm = { name: "AES-GCM", iv: data.slice(0, 12) };
    const plain = await crypto.subtle.decrypt(algorithm, await lockOf(keys), data.slice(12));
    return { ...nothing(), ...(JSON.parse(fromUtf8(new Uint8Array(plain)) ?? "") as Partial<Known>) };
  } catch {
    throw new Refused(
      "What you had made sure of, as the host keeps it, does not open with your key. Nothing was used or changed.",
      "Tell whoever runs the host: it was damaged, or it is not yours.",
    );
  }
}
