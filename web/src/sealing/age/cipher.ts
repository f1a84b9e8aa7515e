// ChaCha20-Poly1305 (RFC 8439) for the chunks of a payload: the browser's own, tens of times faster, where it has one
// and the page may use it; else noble's. Both give the same bytes.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Bytes } from "../../signing/bytes.js";

/** The cipher under one key. `open` gives undefined for a chunk that is not as it was sealed. */
export interface Cipher {
  seal: (nonce: Bytes, chunk: Bytes) => Promise<Bytes> | Bytes;
  open: (nonce: Bytes, sealed: Uint8Array) => Promise<Bytes | undefined> | Bytes | undefined;
}

const NAME = "ChaCha20-Poly1305";

export async function cipherOf(key: Bytes): Promise<Cipher> {
  return (await ownOf(key)) ?? byNoble(key);
}

/** The browser's own; undefined where it has none, or shows it to no page that came without protection. */
async function ownOf(raw: Bytes): Promise<Cipher | undefined> {
  let key: CryptoKey;
  try {
    // The modern algorithms have a format of their own for secret keys, which these types do not know yet.
    key = await crypto.subtle.importKey("raw-secret" as "raw", raw, NAME, false, ["encrypt", "decrypt"]);
  } catch {
    return undefined;
  }
  return {
    seal: async (iv, chunk) => new Uint8Array(await crypto.subtle.encrypt({ name: NAME, iv }, key, chunk)),
    open: async (iv, sealed) => {
      try {
        return new Uint8Array(await crypto.subtle.decrypt({ name: NAME, iv }, key, sealed as Bytes));
      } catch (error) {
        if (error instanceof DOMException && error.name === "OperationError") return undefined;
        throw error;
      }
    },
  };
}

function byNoble(key: Bytes): Cipher {
  return {
    seal: (nonce, chunk) => chacha20poly1305(key, nonce).encrypt(chunk),
    open: (nonce, sealed) => {
      try {
        return chacha20poly1305(key, nonce).decrypt(sealed);
      } catch {
        return undefined;
      }
    },
  };
}
