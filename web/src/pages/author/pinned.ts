// Whose key an author has made sure of: without that nothing is sealed to anybody, whatever the host shows.
import { placesOf, swapped } from "../../client/keys_of.js";
import type { Me, Sealed } from "../../client/me.js";
import type { Pin } from "../../client/pins.js";
import { fingerprint } from "../../signing/fingerprints.js";
import { Refused } from "../../signing/refusals.js";

type Whole = Pin & { readonly public_key: string; readonly signing_key: string };

/** The author's own words, however often they are asked for: whoever looks for many people reads them once. */
export type Own = () => Promise<readonly Sealed[]>;

/** `Own` for one look at people. */
export function ownOf(me: Me): Own {
  let read: Promise<readonly Sealed[]> | undefined;
  return () => (read ??= me.sealed(me.handle));
}

/** Someone's keys that this author has made sure of; without that nothing is sealed to them. Throws Refused. */
export async function pinned(me: Me, handle: string, own: Own = ownOf(me)): Promise<Whole> {
  const pin = me.pins.person(handle);
  const { public_key, signing_key } = pin ?? {};
  if (pin && public_key !== undefined && signing_key !== undefined)
    return { ...pin, public_key, signing_key };
  const found = await fromOwnManifests(me, handle, own);
  if (found) return found;
  throw new Refused(
    `You have not made sure of the key of ${handle} in this browser; nothing was sealed.`,
    "Make their card, or check their answer to your invitation, on the page of your people or of your keepers.",
  );
}

/** A key whose fingerprint stands in one of the author's own manifests: how a new browser knows people again. */
async function fromOwnManifests(me: Me, handle: string, own: Own): Promise<Whole | undefined> {
  for (const one of await own()) {
    const seat = placesOf(one).get(handle);
    const { recipient, recipient_key } = one.manifest.document;
    const sealing = seat?.sealing ?? (recipient === handle ? recipient_key : null);
    if (sealing === null) continue;
    const { public_key, signing_key } = await me.shownKeys(handle);
    const signing = fingerprint(signing_key);
    if (fingerprint(public_key) !== sealing || (seat && seat.signing !== signing)) throw swapped(handle);
    if (!seat) return { signing: "", how: "own manifest", public_key, signing_key };
    const pin = { signing, how: "own manifest", public_key, signing_key };
    await me.pins.keep(handle, pin);
    return pin;
  }
  return undefined;
}
