// Twin of src/lastwords/sealing/person.py: the keys of one person, all from one secret, the seed of their age key.
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, fromUtf8, random, utf8 } from "../signing/bytes.js";
import { eightWords, fingerprint, personFingerprint } from "../signing/fingerprints.js";
import { SigningKey } from "../signing/keys.js";
import { BadKey } from "../signing/refusals.js";
import * as bech32 from "./age/bech32.js";
import { openWithPassphrase, sealWithPassphrase } from "./age/files.js";
import { HybridSecretKey } from "./age/keys.js";
import * as slip39 from "./slip39.js";

export const SIGNING_LABEL = "lastwords/v1/signing";
export const SIGN_IN_LABEL = "lastwords/v1/sign-in";

const ON_A_CARD = /AGE-SECRET-KEY-PQ-1[02-9AC-HJ-NP-Z]{58}/g;

/** The three public keys of a person as texts: `age1pq1...`, and two of base64url. */
export class PublicKeys {
  constructor(
    readonly sealing: string,
    readonly signing: string,
    readonly signIn: string,
  ) {}

  get sealingFingerprint(): string {
    return fingerprint(this.sealing);
  }

  get signingFingerprint(): string {
    return fingerprint(this.signing);
  }

  get signInFingerprint(): string {
    return fingerprint(this.signIn);
  }

  /** The words by which the sealing and signing keys are compared by voice. The EFF's list must be learnt. */
  get eightWords(): readonly string[] {
    return eightWords(personFingerprint(this.sealingFingerprint, this.signingFingerprint));
  }
}

/** All keys of one person. Keep it in memory only as long as needed. */
export class PersonKeys {
  readonly #seed: Bytes;
  readonly #sealing: HybridSecretKey;
  #publicKey?: string;
  #signing?: SigningKey;
  #signIn?: SigningKey;

  /** Take the 32 bytes of the seed. Throws BadKey for another length. */
  constructor(seed: Uint8Array) {
    this.#seed = Uint8Array.from(seed);
    this.#sealing = new HybridSecretKey(this.#seed);
  }

  /** Make the keys of a new person from the browser's randomness. */
  static new(): PersonKeys {
    return new PersonKeys(random(32));
  }

  /**
   * Read the keys from a card or key file: the secret key anywhere in the text, spacing and case free.
   *
   * Throws BadKey if there is none, more than one, or one of the older kind.
   */
  static fromCard(text: string): PersonKeys {
    const found = new Set(text.toUpperCase().replace(/\s+/g, "").match(ON_A_CARD));
    const [only] = found;
    if (only === undefined || found.size !== 1) {
      throw new BadKey(
        "The card could not be read: it should hold exactly one secret key that begins with" +
          " AGE-SECRET-KEY-PQ-1. Nothing was changed.",
        "Type the 77 characters again, or use the words on the recovery sheet.",
      );
    }
    return new PersonKeys(bech32.decode(only)[1]);
  }

  /** Read the keys from the 33 words of a recovery sheet. Throws ShareMistyped or BadKey. */
  static fromWords(text: string): PersonKeys {
    const seed = slip39.combine([text]);
    if (seed.length !== 32) {
      throw new BadKey(
        "These words hold something else than a person's key. Nothing was changed.",
        "Take the 33 words of the recovery sheet.",
      );
    }
    return new PersonKeys(seed);
  }

  /** Open what `locked` made. Throws NoKeyFits for a wrong passphrase, and BadKey. */
  static async unlock(data: Uint8Array, passphrase: string): Promise<PersonKeys> {
    return PersonKeys.fromCard(fromUtf8(await openWithPassphrase(data, passphrase)) ?? "");
  }

  /** Return the secret key sealed with a passphrase: an age file that plain `age` takes as an identity. */
  locked(passphrase: string, { workFactor = 18 } = {}): Promise<Bytes> {
    return sealWithPassphrase(utf8(`${this.secretKey}\n`), passphrase, { inText: true, workFactor });
  }

  /** A copy of the 32 bytes of the seed, to be locked away. */
  get seed(): Bytes {
    return this.#seed.slice();
  }

  /** `AGE-SECRET-KEY-PQ-1...`, 77 characters: for the card, never for a server. */
  get secretKey(): string {
    return this.#sealing.text;
  }

  /** Return the seed as 33 words for the recovery sheet, SLIP-39, one of one. */
  words(): readonly string[] {
    return slip39.split(this.#seed, 1, 1).join(" ").split(" ");
  }

  /** `age1pq1...`, 1959 characters: others seal to it. */
  get publicKey(): string {
    return (this.#publicKey ??= this.#sealing.publicText);
  }

  /** The key that signs documents. */
  get signing(): SigningKey {
    return (this.#signing ??= SigningKey.fromSeed(derived(this.#seed, SIGNING_LABEL)));
  }

  /** The key that answers sign-in challenges, and nothing else. */
  get signIn(): SigningKey {
    return (this.#signIn ??= SigningKey.fromSeed(derived(this.#seed, SIGN_IN_LABEL)));
  }

  /** The three public keys. */
  get public(): PublicKeys {
    return new PublicKeys(this.publicKey, this.signing.public.text, this.signIn.public.text);
  }
}

/** Return the 32 bytes that HKDF-SHA256 derives from a person's seed under a label. */
export function derived(seed: Uint8Array, label: string): Bytes {
  return hkdf(sha256, seed, undefined, utf8(label), 32);
}
