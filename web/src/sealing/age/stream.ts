// Twin of src/lastwords/sealing/age/stream.py: ChaCha20-Poly1305 in chunks of 64 KiB (the STREAM construction).
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, random, utf8 } from "../../signing/bytes.js";
import { HeaderRefused, PayloadRefused } from "../refusals.js";
import { type Cipher, cipherOf } from "./cipher.js";
import type { Pieces, Source } from "./source.js";

export const CHUNK = 64 * 1024;
export const TAG = 16;
export const NONCE = 16;

/** Seal pieces of any size. Holds back at most one chunk, since the last one is marked. */
export async function* sealPayload(pieces: Pieces, fileKey: Uint8Array): AsyncGenerator<Uint8Array> {
  const nonce = random(NONCE);
  yield nonce;
  const cipher = await cipherUnder(fileKey, nonce);
  const held = new Uint8Array(CHUNK);
  let used = 0;
  let counter = 0;
  for await (let piece of pieces) {
    while (piece.length > 0) {
      if (used === CHUNK) {
        yield await cipher.seal(nonceOf(counter++, false), held);
        used = 0;
      }
      const taken = piece.subarray(0, CHUNK - used);
      held.set(taken, used);
      used += taken.length;
      piece = piece.subarray(taken.length);
    }
  }
  yield await cipher.seal(nonceOf(counter, true), held.subarray(0, used));
}

/** Give the plaintext. Throws PayloadRefused where a chunk is altered or the end is missing. */
export async function* openPayload(source: Source, fileKey: Uint8Array): AsyncGenerator<Uint8Array> {
  const nonce = await source.read(NONCE);
  if (nonce.length !== NONCE) {
    throw new HeaderRefused(
      "A sealed file ends where its contents should begin. Nothing was opened.",
      "Ask for the file again; this copy was cut off.",
    );
  }
  const cipher = await cipherUnder(fileKey, nonce);
  for (let counter = 0; ; counter++) {
    const sealed = await source.read(CHUNK + TAG);
    if (sealed.length === 0) throw refused("it is cut off");
    const last = (await source.peek(1)).length === 0;
    const chunk = await cipher.open(nonceOf(counter, last), sealed);
    if (chunk) {
      if (chunk.length === 0 && counter > 0) throw refused("its last part is empty");
      yield chunk;
      if (last) return;
      continue;
    }
    if (sealed.length < CHUNK + TAG && last) throw refused("it was cut off or altered");
    // A whole chunk that is genuine but stands at the wrong place is given, as the other implementations do, and the
    // refusal follows.
    const misplaced = await cipher.open(nonceOf(counter, !last), sealed);
    if (!misplaced) throw refused("it was altered");
    if (misplaced.length === 0 && counter > 0) throw refused("its last part is empty");
    yield misplaced;
    throw refused("its end is not where it was written");
  }
}

function cipherUnder(fileKey: Uint8Array, nonce: Uint8Array): Promise<Cipher> {
  return cipherOf(hkdf(sha256, fileKey, nonce, utf8("payload"), 32));
}

/** An 11-byte counter, and one byte that says whether it is the last. */
function nonceOf(counter: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setBigUint64(3, BigInt(counter));
  nonce[11] = Number(last);
  return nonce;
}

function refused(reason: string): PayloadRefused {
  return new PayloadRefused(
    `The contents of a sealed file could not be opened: ${reason}. What was opened before is not to be used.`,
    "Ask for the file again from somebody who has another copy.",
  );
}
