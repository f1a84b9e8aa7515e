// Twin of src/lastwords/cli/signed_entry.py: what lies inside the seal of an entry, the record and its signature.
//
// A seal alone says nothing about who wrote. The signature is an act, "entry", of this writer in this case of this
// author, over the kind, whom it is for and the SHA-256 of the record: a host can neither make an entry up, nor carry one
// over, nor give out what was for keepers alone as being for everyone.
import { encode, type Entry, readPlain } from "../../case/entries.js";
import { fromBytes, hasExactly, toBytes } from "../../case/plain.js";
import { unreadable } from "../../case/refusals.js";
import { placesOf } from "../../client/keys_of.js";
import type { Me, Sealed } from "../../client/me.js";
import { Act, AUTHOR, KEEPER } from "../../signing/act.js";
import { fromUtf8, utf8 } from "../../signing/bytes.js";
import { digest } from "../../signing/canonical.js";
import { read } from "../../signing/documents.js";
import { fingerprint } from "../../signing/fingerprints.js";
import { PublicKey } from "../../signing/keys.js";
import { Refused } from "../../signing/refusals.js";
import { Vouching } from "../../signing/vouching.js";
import type { CaseMember, Running } from "./running.js";

export const FORMAT = "lastwords/v1/signed entry";
const ACT = "entry";
const FOR_KEEPERS = ".keepers";

/** The bytes to seal: an entry by this person, signed for this case and for these readers. */
export function wrap(me: Me, author: string, found: Running, entry: Entry, keepersOnly: boolean): Uint8Array {
  const record = encode(entry);
  const role = me.handle === author ? AUTHOR : KEEPER;
  const subject = subjectOf(entry, keepersOnly);
  const act = me.signAct(ACT, author, role, { case: found, subject, body: digest(record) });
  return toBytes({ format: FORMAT, entry: fromUtf8(record) ?? "", act });
}

function subjectOf(entry: Entry, keepersOnly: boolean): string {
  return entry.kind + (keepersOnly ? FOR_KEEPERS : "");
}

/** The signing keys of a case's people: believed because the author signed for them, never on a host's word. */
export class Signers {
  readonly #members: ReadonlyMap<string, CaseMember>;
  readonly #found = new Map<string, Promise<PublicKey | undefined>>();
  readonly number: string;

  constructor(
    readonly me: Me,
    readonly author: string,
    found: Running,
    readonly sealed: readonly Sealed[],
  ) {
    this.number = String(found.number);
    this.#members = new Map((found.audience?.case ?? []).map((one) => [one.handle, one]));
  }

  /** The key that signs for a person, or nothing when the author has vouched for none. */
  key(handle: string): Promise<PublicKey | undefined> {
    const known = this.#found.get(handle) ?? this.#key(handle);
    this.#found.set(handle, known);
    return known;
  }

  async #key(handle: string): Promise<PublicKey | undefined> {
    if (handle === this.me.handle) return this.me.keys.signing.public;
    if (handle === this.author) return this.me.authorKey(handle);
    const member = this.#members.get(handle);
    if (member?.vouching) {
      const signed = read(utf8(member.vouching), Vouching, await this.me.authorKey(this.author)).document;
      const said = [signed.author, signed.keeper, signed.signing].join("\n");
      if (said === [this.author, handle, fingerprint(member.signing_key)].join("\n")) {
        return PublicKey.read(member.signing_key);
      }
    }
    return this.#fromManifests(handle);
  }

  async #fromManifests(handle: string): Promise<PublicKey | undefined> {
    const named = this.sealed.flatMap((one) => placesOf(one).get(handle)?.signing ?? []);
    if (named.length === 0) return undefined;
    const shown = await this.me.shownKeys(handle);
    return named.includes(fingerprint(shown.signing_key)) ? PublicKey.read(shown.signing_key) : undefined;
  }
}

/** The record inside opened bytes, its signature checked. Throws CaseRefused with the reason. */
export async function unwrap(data: Uint8Array, signers: Signers, keepersOnly: boolean): Promise<Uint8Array> {
  const held = fromBytes(data);
  if (!hasExactly(held, "format", "entry", "act") || held["format"] !== FORMAT) {
    throw unreadable("it is not a signed entry");
  }
  const { entry: text, act: signed } = held;
  if (typeof text !== "string" || typeof signed !== "string") throw unreadable("it is not a signed entry");
  const record = utf8(text);
  const entry = readPlain(fromBytes(record));
  const writer = entry.head.by;
  let act: Act;
  try {
    const key = await signers.key(writer);
    if (!key) {
      throw unreadable(`the author has vouched for no key of ${writer}, so its signature cannot be checked`);
    }
    act = read(utf8(signed), Act, key).document;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw unreadable(`its signature is not that of ${writer}`);
  }
  const bound = [act.act, act.actor, act.author, act.case, act.subject, act.body].join("\n");
  const subject = subjectOf(entry, keepersOnly);
  const meant = [ACT, writer, signers.author, signers.number, subject, digest(record)].join("\n");
  if (bound !== meant) {
    throw unreadable(`${writer} signed it for another case or other readers, or signed something else`);
  }
  return record;
}
