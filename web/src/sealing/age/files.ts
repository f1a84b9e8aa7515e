// Twin of src/lastwords/sealing/age/files.py: sealing and opening whole files, from stream to stream or as bytes.
import { type Bytes, fromUtf8, random } from "../../signing/bytes.js";
import { HeaderRefused, KeysRefused, NoKeyFits } from "../refusals.js";
import { armoured, BEGIN, unarmoured } from "./armour.js";
import * as header from "./header.js";
import {
  type Opener,
  Passphrase,
  readPublicKey,
  readSecretKey,
  SCRYPT,
  type Sealer,
  WORK_FACTOR,
} from "./keys.js";
import { all, type Pieces, Source } from "./source.js";
import { openPayload, sealPayload } from "./stream.js";

/** Called with the number of plaintext bytes done since the last call. */
export type Progress = (bytes: number) => void;

/** Seal pieces to public keys of one kind, post-quantum or classical. Throws BadKey or KeysRefused. */
export function sealPieces(pieces: Pieces, publicKeys: readonly string[]): AsyncGenerator<Uint8Array> {
  return sealWith(pieces, sealersOf(publicKeys));
}

/** Seal pieces for these sealers, such as a passkey's; a passphrase must be the only one. */
export async function* sealWith(pieces: Pieces, sealers: readonly Sealer[]): AsyncGenerator<Uint8Array> {
  const fileKey = random(header.FILE_KEY_BYTES);
  const stanzas: header.Stanza[] = [];
  for (const sealer of sealers) stanzas.push(await sealer.wrap(fileKey));
  yield header.write(stanzas, fileKey);
  yield* sealPayload(pieces, fileKey);
}

/** Open pieces, text form or not, with the first secret key that fits. Throws BadKey, SealedFileRefused's family. */
export function openPieces(pieces: Pieces, secretKeys: readonly string[]): AsyncGenerator<Uint8Array> {
  return openWith(pieces, secretKeys.map(readSecretKey));
}

/** Open pieces with the first of these openers that fits. */
export async function* openWith(pieces: Pieces, openers: readonly Opener[]): AsyncGenerator<Uint8Array> {
  let source = new Source(pieces);
  const start = fromUtf8((await source.peek(1024)).map((byte) => (byte > 127 ? 63 : byte))) ?? "";
  if (start.trimStart().startsWith(BEGIN.slice(0, 10))) source = new Source(unarmoured(source.rest()));
  const head = await header.read(source);
  const fileKey = await fileKeyOf(head, openers);
  head.check(fileKey);
  yield* openPayload(source, fileKey);
}

/** Return `data` sealed to public keys of one kind. Throws BadKey or KeysRefused. */
export async function sealBytes(
  data: Uint8Array,
  publicKeys: readonly string[],
  inText = false,
): Promise<Bytes> {
  const sealed = sealPieces([data], publicKeys);
  return all(inText ? armoured(sealed) : sealed);
}

/** Return what `data` holds. Throws BadKey and the SealedFileRefused family. */
export async function openBytes(data: Uint8Array, secretKeys: readonly string[]): Promise<Bytes> {
  return all(openPieces([data], secretKeys));
}

/** Return `data` sealed with a passphrase; takes some seconds by design. */
export async function sealWithPassphrase(
  data: Uint8Array,
  passphrase: string,
  { inText = false, workFactor = WORK_FACTOR } = {},
): Promise<Bytes> {
  const sealed = sealWith([data], [new Passphrase(passphrase, workFactor)]);
  return all(inText ? armoured(sealed) : sealed);
}

/** Return what `data` holds. Throws the SealedFileRefused family; a wrong passphrase is NoKeyFits. */
export async function openWithPassphrase(data: Uint8Array, passphrase: string): Promise<Bytes> {
  return all(openWith([data], [new Passphrase(passphrase)]));
}

/** Pass pieces on, telling `progress` of each. */
export async function* told(pieces: Pieces, progress?: Progress): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece;
    progress?.(piece.length);
  }
}

function sealersOf(publicKeys: readonly string[]): Sealer[] {
  if (publicKeys.length === 0) {
    throw new KeysRefused(
      "Nobody was named to seal to. Nothing was sealed.",
      "Name at least one public key.",
    );
  }
  const found = publicKeys.map(readPublicKey);
  if (new Set(found.map((key) => key.constructor)).size > 1) {
    throw new KeysRefused(
      "One file may not be sealed to post-quantum and to older keys together: the older would be its weak" +
        " side. Nothing was sealed.",
      "Ask everybody for a key that begins with age1pq1.",
    );
  }
  return found;
}

async function fileKeyOf(head: header.Header, openers: readonly Opener[]): Promise<Uint8Array> {
  const types = head.stanzas.map((stanza) => stanza.args[0]);
  if (types.includes(SCRYPT) && types.length > 1) {
    throw new HeaderRefused(
      "A sealed file has a passphrase beside other keys, which no honest program writes. Nothing was opened.",
      "Do not trust its source; ask for the file again.",
    );
  }
  for (const opener of openers) {
    for (const stanza of head.stanzas) {
      const fileKey = await opener.unwrap(stanza);
      if (fileKey) return fileKey;
    }
  }
  throw new NoKeyFits(
    "The key does not open this file: it is sealed to another key or passphrase. The file is unharmed.",
    "Check that key and file belong together, or type the passphrase again.",
  );
}
