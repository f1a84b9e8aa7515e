// Twin of src/lastwords/cli/places.py: who holds which place of a manifest by now.
//
// A manifest is the author's and stays as it was signed. When a keeper leaves without the author, they sign to whom
// their place goes; whoever reads the manifest follows these words from a key the author signed for to the next.
import { utf8 } from "../signing/bytes.js";
import { Act, handedTo, KEEPER } from "../signing/act.js";
import { read } from "../signing/documents.js";
import { fingerprint } from "../signing/fingerprints.js";
import { PublicKey } from "../signing/keys.js";
import type { Manifest, RosterSeat } from "../signing/manifest.js";
import { Refused } from "../signing/refusals.js";

/** A keeper's signed word for handing their place on, as the host lists it, with the keys to check it. */
export interface Passed {
  readonly leaving: string;
  readonly successor: string;
  readonly leaving_key: string;
  readonly document: string;
  readonly public_key: string;
  readonly signing_key: string;
  readonly sign_in_key: string;
}

/** By handle: the place with its old name, index and commitments, and the keys of the person who holds it now. */
export type Places = ReadonlyMap<string, RosterSeat>;

/** Everyone who holds a place of this manifest; whoever has left stays in it too. Throws Refused for a made-up word. */
export function places(manifest: Manifest, passed: readonly Passed[]): Places {
  const held = new Map(manifest.roster.map((seat) => [seat.keeper, seat]));
  for (const word of passed) {
    const place = held.get(word.leaving);
    if (place && !held.has(word.successor)) held.set(word.successor, handed(manifest, place, word));
  }
  return held;
}

function handed(manifest: Manifest, place: RosterSeat, word: Passed): RosterSeat {
  const [sealing, signing, signIn] = [word.public_key, word.signing_key, word.sign_in_key].map(fingerprint);
  if (!sealing || !signing || !signIn) throw madeUp(word);
  const key = PublicKey.read(word.leaving_key);
  let act: Act;
  try {
    act = read(utf8(word.document), Act, key).document;
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    throw madeUp(word);
  }
  const said = [act.actor, act.role, act.author, act.act, act.subject, act.body];
  const meant = [
    word.leaving,
    KEEPER,
    manifest.author,
    "leave seat",
    word.successor,
    handedTo(sealing, signing, signIn),
  ];
  if (key.fingerprint !== place.signing || said.join("\n") !== meant.join("\n")) throw madeUp(word);
  return { ...place, sealing, signing };
}

function madeUp(word: Passed): Refused {
  return new Refused(
    `The host says that ${word.leaving} handed their place to ${word.successor}, and ${word.leaving} did not sign ` +
      "that. Nothing was used or given.",
    "Tell the author, the other keepers and whoever runs the host.",
  );
}
