// Twin of src/lastwords/signing/keys.py: ML-DSA-65 signing keys, the document's label as the signature's context.
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import { type Bytes, fromBase64url, random, toBase64url, utf8 } from "./bytes.js";
import { fingerprint } from "./fingerprints.js";
import { BadKey, BadSignature } from "./refusals.js";

export const SEED_BYTES = 32;
export const PUBLIC_KEY_BYTES = 1952;
export const SIGNATURE_BYTES = 3309;

/** The half of a signing key that everybody may know; it checks signatures. */
export class PublicKey {
  readonly raw: Uint8Array;

  /** Take the 1952 raw bytes of a public key. Throws BadKey for any other length. */
  constructor(raw: Uint8Array) {
    if (raw.length !== PUBLIC_KEY_BYTES) throw badKey(`it has ${raw.length} bytes, not ${PUBLIC_KEY_BYTES}`);
    this.raw = raw;
  }

  /** Read a public key from its text (base64url without padding). Throws BadKey. */
  static read(text: string): PublicKey {
    const raw = fromBase64url(text);
    if (!raw) throw badKey("it is not base64url without padding");
    return new PublicKey(raw);
  }

  /** The key as 2603 characters of base64url. */
  get text(): string {
    return toBase64url(this.raw);
  }

  /** SHA-256 of `text`, 64 lower-case hexadecimal digits. */
  get fingerprint(): string {
    return fingerprint(this.text);
  }

  /** Return if `signature` was made over `message` under `label` with this key. Throws BadSignature. */
  verify(label: string, message: Uint8Array, signature: Uint8Array): void {
    let fits = false;
    try {
      fits = ml_dsa65.verify(signature, message, this.raw, { context: utf8(label) });
    } catch {
      // A signature of another length, or a key that decodes to nothing: it does not fit.
    }
    if (!fits) {
      throw new BadSignature(
        "The signature does not fit the document and its signer's key. Nothing was changed.",
        "Do not act on the document; ask its signer, by a way you trust, whether they signed it.",
      );
    }
  }
}

/** A secret signing key, made from a seed of 32 bytes. */
export class SigningKey {
  readonly public: PublicKey;
  readonly #secret: Uint8Array;

  /** Take the 32 bytes of a seed (FIPS 204's xi). Throws BadKey for any other length. */
  constructor(seed: Uint8Array) {
    if (seed.length !== SEED_BYTES) throw badKey(`its seed has ${seed.length} bytes, not ${SEED_BYTES}`);
    const { publicKey, secretKey } = ml_dsa65.keygen(seed);
    this.public = new PublicKey(publicKey);
    this.#secret = secretKey;
  }

  /** Make a key from the browser's randomness. */
  static new(): SigningKey {
    return new SigningKey(random(SEED_BYTES));
  }

  /** Make the key that belongs to a seed of 32 bytes. Throws BadKey. */
  static fromSeed(seed: Uint8Array): SigningKey {
    return new SigningKey(seed);
  }

  /** Return the 3309-byte signature of `message` under `label`, hedged with randomness. */
  sign(label: string, message: Uint8Array): Bytes {
    return ml_dsa65.sign(message, this.#secret, { context: utf8(label) });
  }
}

function badKey(reason: string): BadKey {
  return new BadKey(
    `A signing key could not be read: ${reason}. Nothing was changed.`,
    "Copy the key again, whole; if it came from a file, fetch the file again.",
  );
}
