// Twin of src/lastwords/sealing/notes.py: emergency notes, what keepers may need while the author lives.
import { type Bytes, random } from "../signing/bytes.js";
import { digest } from "../signing/canonical.js";
import { fingerprint } from "../signing/fingerprints.js";
import type { EmergencyNotes } from "../signing/notes.js";
import { BadKey } from "../signing/refusals.js";
import { openBytes, openPieces, sealBytes, sealPieces } from "./age/files.js";
import { HybridSecretKey } from "./age/keys.js";
import { all } from "./age/source.js";
import { type Opened, type Pack, unpack } from "./container.js";
import type { PersonKeys } from "./person.js";
import { KeysRefused, NotesRefused, SealedFileRefused } from "./refusals.js";

/** Bytes of the covered notes at most: they travel in one request and are opened in a hurry. */
export const LARGEST = 1 << 20;

/** Notes under a cover, and the secret key that takes it off. */
export interface Covered {
  readonly data: Bytes;
  readonly secretKey: string;
}

/** Return the notes sealed to all these keepers together, not yet covered. Throws KeysRefused. */
export async function seal(pack: Pack, publicKeys: readonly string[]): Promise<Bytes> {
  if (new Set(publicKeys.map(fingerprint)).size !== publicKeys.length) {
    throw new KeysRefused(
      "Two keepers have the same key. Nothing was sealed.",
      "Verify both again: one of them holds the key of the other.",
    );
  }
  return all(sealPieces(pack(), publicKeys));
}

/** Put a cover on sealed notes, with a key pair of its own that is used for nothing else. */
export async function cover(notes: Uint8Array): Promise<Covered> {
  const key = new HybridSecretKey(random(32));
  const data = await sealBytes(notes, [key.publicText]);
  if (data.length > LARGEST) {
    throw new NotesRefused(
      `The notes are ${grouped(data.length)} bytes when sealed, and a host keeps ${grouped(LARGEST)}. Nothing was sent.`,
      "Leave large files out: emergency notes are what somebody needs to read within a minute.",
    );
  }
  return { data, secretKey: key.text };
}

/** Take off a cover and return the notes, which are those that the author signed for. Throws NotesRefused. */
export async function takeOff(covered: Covered, promised: EmergencyNotes): Promise<Bytes> {
  let notes: Bytes;
  try {
    notes = await openBytes(covered.data, [covered.secretKey]);
  } catch (error) {
    if (!(error instanceof SealedFileRefused || error instanceof BadKey)) throw error;
    throw new NotesRefused(
      "The key that came with the notes does not take off their cover. Nothing was opened.",
      "Whoever covered them last made it wrong: the version beneath it is tried, else ask the author.",
    );
  }
  if (digest(notes) !== promised.sha256) {
    throw new NotesRefused(
      "Under the cover lies something else than the notes that the author signed for. Nothing was opened.",
      "Tell the author and whoever runs the host. A card's own copy, if you hold one, is not touched by this.",
    );
  }
  return notes;
}

/** Open uncovered notes, or a card's own copy. Throws SealedFileRefused's, ContainerRefused. */
export function openNotes(notes: Uint8Array, keeper: PersonKeys): Promise<Opened> {
  return unpack(openPieces([notes], [keeper.secretKey]));
}

function grouped(size: number): string {
  return size.toLocaleString("en-GB");
}
