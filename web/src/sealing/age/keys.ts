// Twin of src/lastwords/sealing/age/keys.py: the keys that seal and open age files, and passphrases.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { shake256 } from "@noble/hashes/sha3.js";
import { type Bytes, concat, random, toBase64, utf8 } from "../../signing/bytes.js";
import { BadKey } from "../../signing/refusals.js";
import * as bech32 from "./bech32.js";
import { canonicalBase64, FILE_KEY_BYTES, headerRefused, type Stanza } from "./header.js";
import * as hpke from "./hpke.js";

export const HYBRID = "mlkem768x25519";
export const X25519 = "X25519";
export const SCRYPT = "scrypt";

export const SEED_BYTES = 32;
/** log2 of the scrypt cost we write: 256 MiB and some seconds in a browser. */
export const WORK_FACTOR = 18;
/** The highest we accept, as other implementations do: a hostile file could ask for any amount of memory. */
export const MOST_WORK_FACTOR = 20;

const HYBRID_INFO = utf8("age-encryption.org/mlkem768x25519");
const X25519_INFO = utf8("age-encryption.org/v1/X25519");
const SCRYPT_SALT = utf8("age-encryption.org/v1/scrypt");
const WRAPPED_BYTES = FILE_KEY_BYTES + 16;
const NO_NONCE = new Uint8Array(12);

/** Wraps the key of a file: gives the stanza that gives `fileKey` to whoever holds the other half. */
export interface Sealer {
  wrap(fileKey: Uint8Array): Stanza | Promise<Stanza>;
}

/** Unwraps the key of a file: gives it, or nothing if the stanza is for somebody else. Throws HeaderRefused. */
export interface Opener {
  unwrap(stanza: Stanza): Uint8Array | undefined | Promise<Uint8Array | undefined>;
}

/** A post-quantum public key, text `age1pq1...` (1959 characters). */
export class HybridPublicKey implements Sealer {
  readonly #raw: Uint8Array;

  constructor(raw: Uint8Array) {
    if (raw.length !== hpke.PUBLIC_KEY_BYTES) throw badKey("it has the wrong length");
    try {
      hpke.seal(raw, HYBRID_INFO, new Uint8Array(FILE_KEY_BYTES)); // nothing else tells whether it is one
    } catch {
      throw badKey("it is not a key of its kind");
    }
    this.#raw = raw;
  }

  wrap(fileKey: Uint8Array): Stanza {
    const [encapsulated, body] = hpke.seal(this.#raw, HYBRID_INFO, fileKey);
    return { args: [HYBRID, toBase64(encapsulated)], body };
  }
}

/** A post-quantum secret key, text `AGE-SECRET-KEY-PQ-1...` (77 characters), from a seed of 32 bytes. */
export class HybridSecretKey implements Opener {
  readonly #seed: Uint8Array;
  readonly #x25519: Uint8Array;

  constructor(seed: Uint8Array) {
    if (seed.length !== SEED_BYTES) throw badKey("it has the wrong length");
    this.#seed = seed;
    this.#x25519 = shake256(seed, { dkLen: 96 }).subarray(64);
  }

  /** The secret key as its owner keeps it. */
  get text(): string {
    return bech32.encode("age-secret-key-pq-", this.#seed).toUpperCase();
  }

  /** The text of the public key. */
  get publicText(): string {
    return bech32.encode("age1pq", hpke.publicKeyOf(this.#seed));
  }

  unwrap(stanza: Stanza): Uint8Array | undefined {
    if (stanza.args[0] !== HYBRID) return undefined;
    const encapsulated = argument(stanza, 1, hpke.ENCAPSULATED_BYTES);
    checkBody(stanza);
    // HPKE reports a low-order share and a foreign key alike; only the first is a malformed head.
    agree(this.#x25519, encapsulated.subarray(hpke.ENCAPSULATED_BYTES - 32));
    return hpke.open(this.#seed, HYBRID_INFO, encapsulated, stanza.body);
  }
}

/** A classical public key, text `age1...`; for old files' sake, never the default. */
export class X25519PublicKeyOfAge implements Sealer {
  readonly #raw: Uint8Array;

  constructor(raw: Uint8Array) {
    if (raw.length !== 32) throw badKey("it has the wrong length");
    this.#raw = raw;
  }

  wrap(fileKey: Uint8Array): Stanza {
    const ours = random(32);
    const share = x25519.getPublicKey(ours);
    let agreed: Uint8Array;
    try {
      agreed = x25519.getSharedSecret(ours, this.#raw);
    } catch {
      throw badKey("nothing can be sealed to it");
    }
    const key = hkdf(sha256, agreed, concat(share, this.#raw), X25519_INFO, 32);
    return { args: [X25519, toBase64(share)], body: chacha20poly1305(key, NO_NONCE).encrypt(fileKey) };
  }
}

/** A classical secret key, text `AGE-SECRET-KEY-1...`. */
export class X25519SecretKeyOfAge implements Opener {
  readonly #raw: Uint8Array;
  readonly #public: Uint8Array;

  constructor(raw: Uint8Array) {
    if (raw.length !== 32) throw badKey("it has the wrong length");
    this.#raw = raw;
    this.#public = x25519.getPublicKey(raw);
  }

  /** The text of the public key. */
  get publicText(): string {
    return bech32.encode("age", this.#public);
  }

  unwrap(stanza: Stanza): Uint8Array | undefined {
    if (stanza.args[0] !== X25519) return undefined;
    const share = argument(stanza, 1, 32);
    checkBody(stanza);
    const agreed = agree(this.#raw, share);
    return unwrapped(hkdf(sha256, agreed, concat(share, this.#public), X25519_INFO, 32), stanza.body);
  }
}

/** A passphrase, which both seals and opens; a file sealed with one has no other stanza. */
export class Passphrase implements Sealer, Opener {
  readonly #text: Uint8Array;
  readonly #workFactor: number;

  /** `workFactor` (log2 of the scrypt cost) is what is written; reading takes the file's, within bounds. */
  constructor(text: string, workFactor = WORK_FACTOR) {
    this.#text = utf8(text);
    this.#workFactor = workFactor;
  }

  async wrap(fileKey: Uint8Array): Promise<Stanza> {
    const salt = random(16);
    const key = await this.#key(salt, this.#workFactor);
    const body = chacha20poly1305(key, NO_NONCE).encrypt(fileKey);
    return { args: [SCRYPT, toBase64(salt), String(this.#workFactor)], body };
  }

  async unwrap(stanza: Stanza): Promise<Uint8Array | undefined> {
    if (stanza.args[0] !== SCRYPT) return undefined;
    const salt = argument(stanza, 2, 16);
    checkBody(stanza);
    const workFactor = stanza.args[2] ?? "";
    if (!/^[1-9][0-9]{0,2}$/.test(workFactor) || Number(workFactor) > MOST_WORK_FACTOR) {
      throw headerRefused(`its work factor is not a number from 1 to ${MOST_WORK_FACTOR}`);
    }
    return unwrapped(await this.#key(salt, Number(workFactor)), stanza.body);
  }

  #key(salt: Uint8Array, workFactor: number): Promise<Uint8Array> {
    const cost = 2 ** workFactor;
    const options = { N: cost, r: 8, p: 1, dkLen: 32, maxmem: cost * 1024 + (1 << 20), asyncTick: 50 };
    return scryptAsync(this.#text, concat(SCRYPT_SALT, salt), options);
  }
}

/** Return the public key of a text `age1pq1...` or `age1...`. Throws BadKey. */
export function readPublicKey(text: string): HybridPublicKey | X25519PublicKeyOfAge {
  const [prefix, raw] = bech32.decode(text);
  if (text !== text.toLowerCase()) throw badKey("public keys are written in small letters");
  if (prefix === "age1pq") return new HybridPublicKey(raw);
  if (prefix === "age") return new X25519PublicKeyOfAge(raw);
  throw badKey("it is not a public key that seals");
}

/** Return the secret key of a text `AGE-SECRET-KEY-PQ-1...` or `AGE-SECRET-KEY-1...`. Throws BadKey. */
export function readSecretKey(text: string): HybridSecretKey | X25519SecretKeyOfAge {
  const [prefix, raw] = bech32.decode(text);
  if (text !== text.toUpperCase()) throw badKey("secret keys are written in capital letters");
  if (prefix === "age-secret-key-pq-") return new HybridSecretKey(raw);
  if (prefix === "age-secret-key-") return new X25519SecretKeyOfAge(raw);
  throw badKey("it is not a secret key that opens");
}

/** Return the decoded first argument of a stanza that must have `count` of them. */
function argument(stanza: Stanza, count: number, size: number): Bytes {
  if (stanza.args.length !== count + 1) throw headerRefused("a key's line has too many or too few parts");
  const value = canonicalBase64(stanza.args[1] ?? "");
  if (value.length !== size) throw headerRefused("a part of a key's line has the wrong length");
  return value;
}

function checkBody(stanza: Stanza): void {
  if (stanza.body.length !== WRAPPED_BYTES) throw headerRefused("a wrapped key has the wrong length");
}

function agree(secret: Uint8Array, share: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(secret, share);
  } catch {
    throw headerRefused("a share in it is one that gives no secret");
  }
}

function unwrapped(key: Uint8Array, body: Uint8Array): Uint8Array | undefined {
  try {
    return chacha20poly1305(key, NO_NONCE).decrypt(body);
  } catch {
    return undefined;
  }
}

function badKey(reason: string): BadKey {
  return new BadKey(
    `A key could not be read: ${reason}. Nothing was changed.`,
    "Copy the key again, whole, from its card or file.",
  );
}
