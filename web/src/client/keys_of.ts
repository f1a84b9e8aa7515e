// Twin of src/lastwords/cli/keys_of.py: keys of other people in a watch, and why they are believed.
//
// Nothing is sealed to a key that only a host has shown: the author's signature stands behind every one of them.
import { utf8 } from "../signing/bytes.js";
import { read } from "../signing/documents.js";
import { fingerprint } from "../signing/fingerprints.js";
import type { Manifest } from "../signing/manifest.js";
import { Refused } from "../signing/refusals.js";
import { Vouching } from "../signing/vouching.js";
import type { Me, Sealed } from "./me.js";
import { type Places, places } from "./places.js";

/** Somebody in an audience, as the host lists them: their key, and the author's word for it where there is one. */
export interface Member {
  readonly handle: string;
  readonly public_key: string;
  readonly vouching?: string | null;
}

/** The keys to seal to, and the handles that had to be left out. */
export interface Audience {
  readonly keys: readonly string[];
  readonly leftOut: readonly string[];
}

/** Who holds which place of a track by now. Throws Refused. */
export function placesOf(sealed: Sealed): Places {
  return places(sealed.manifest.document, sealed.row.passed);
}

/** The recipient's sealing key: the one whose fingerprint the author signed. Throws Refused. */
export async function recipientOf(me: Me, manifest: Manifest): Promise<string> {
  const shown = await me.shownKeys(manifest.recipient);
  if (manifest.recipient_key === null || fingerprint(shown.public_key) !== manifest.recipient_key) {
    throw swapped(manifest.recipient);
  }
  return shown.public_key;
}

/** The sealing key of a keeper who holds a share. Throws Refused for any other than the one that was signed for. */
export async function holderOf(me: Me, held: Places, keeper: string): Promise<string> {
  const shown = await me.shownKeys(keeper);
  if (fingerprint(shown.public_key) !== held.get(keeper)?.sealing) throw swapped(keeper);
  return shown.public_key;
}

/**
 * The sealing keys of those members of an audience whom the author vouched for, or who hold a place that was handed on
 * to them, one's own among them; and the handles left out.
 */
export async function audience(
  me: Me,
  author: string,
  members: readonly Member[],
  sealed: readonly Sealed[],
): Promise<Audience> {
  const named = new Set<string>();
  for (const one of sealed)
    for (const [handle, seat] of placesOf(one)) named.add(`${handle} ${seat.sealing}`);
  const keys = [me.keys.publicKey];
  const leftOut: string[] = [];
  for (const member of members) {
    if (member.handle === me.handle) continue;
    const held = named.has(`${member.handle} ${fingerprint(member.public_key)}`);
    if (held || (await vouched(me, author, member))) keys.push(member.public_key);
    else leftOut.push(member.handle);
  }
  return { keys, leftOut };
}

/**
 * Whether the author signed for this key of this keeper, or for this keeper, whose key is known here by now. That somebody
 * is known says whose the key is, and not that they read along.
 */
async function vouched(me: Me, author: string, member: Member): Promise<boolean> {
  const known = me.pins.person(member.handle)?.public_key;
  if (member.handle === author) return known === member.public_key;
  if (!member.vouching) return false;
  const { document } = read(utf8(member.vouching), Vouching, await me.authorKey(author, member.vouching));
  if (document.author !== author || document.keeper !== member.handle) return false;
  return known === undefined
    ? document.sealing === fingerprint(member.public_key)
    : known === member.public_key;
}

/** The refusal of a key that is not the one the author signed for. */
export function swapped(handle: string): Refused {
  return new Refused(
    `The host shows another key for ${handle} than the one the author signed for; nothing was sealed to it.`,
    "Tell the other keepers and whoever runs the host. Speak with the person before anything else.",
  );
}
