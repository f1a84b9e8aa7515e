// HPKE (RFC 9180) as the age format uses it: base mode, one message, MLKEM768-X25519, HKDF-SHA256, ChaCha20-Poly1305.
// Python's has this from the `cryptography` library; a browser has only its parts.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_kem768_x25519 } from "@noble/post-quantum/hybrid.js";
import { type Bytes, concat, utf8 } from "../../signing/bytes.js";

/** "HPKE", then the numbers of KEM (0x647a), KDF (0x0001) and AEAD (0x0003). */
const SUITE = concat(utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0x00, 0x01, 0x00, 0x03));
const NOTHING = new Uint8Array();

export const ENCAPSULATED_BYTES = 1120;
export const PUBLIC_KEY_BYTES = 1216;

/** Return the encapsulation and the sealed message. Throws if the public key is not one. */
export function seal(publicKey: Uint8Array, info: Uint8Array, message: Uint8Array): readonly [Bytes, Bytes] {
  const { cipherText, sharedSecret } = ml_kem768_x25519.encapsulate(publicKey);
  return [cipherText, aead(sharedSecret, info).encrypt(message)];
}

/** Return the message, or nothing if it was sealed to another key. */
export function open(
  seed: Uint8Array,
  info: Uint8Array,
  encapsulated: Uint8Array,
  sealed: Uint8Array,
): Bytes | undefined {
  const cipher = aead(ml_kem768_x25519.decapsulate(encapsulated, seed), info);
  try {
    return cipher.decrypt(sealed);
  } catch {
    return undefined;
  }
}

/** Return the public key that belongs to a seed of 32 bytes. */
export function publicKeyOf(seed: Uint8Array): Bytes {
  return ml_kem768_x25519.getPublicKey(seed);
}

function aead(sharedSecret: Uint8Array, info: Uint8Array): ReturnType<typeof chacha20poly1305> {
  const context = concat(
    Uint8Array.of(0), // base mode
    labeledExtract(NOTHING, "psk_id_hash", NOTHING),
    labeledExtract(NOTHING, "info_hash", info),
  );
  const secret = labeledExtract(sharedSecret, "secret", NOTHING);
  return chacha20poly1305(
    labeledExpand(secret, "key", context, 32),
    labeledExpand(secret, "base_nonce", context, 12),
  );
}

function labeledExtract(salt: Uint8Array, label: string, material: Uint8Array): Bytes {
  return extract(sha256, concat(utf8("HPKE-v1"), SUITE, utf8(label), material), salt);
}

function labeledExpand(key: Uint8Array, label: string, info: Uint8Array, size: number): Bytes {
  const length = Uint8Array.of(size >> 8, size & 0xff);
  return expand(sha256, key, concat(length, utf8("HPKE-v1"), SUITE, utf8(label), info), size);
}
