// The person's key in this tab: unlocked once by passkey, passphrase or paper, kept while the tab is open, locked again.
//
// What the browser keeps of an unlocked key is a sealed text in this tab's own storage, under a key that no script can
// read out, which lies in another store. Neither is of use without the other; both go with `lock` or with the tab.
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import * as age from "../sealing/age/files.js";
import { HybridSecretKey } from "../sealing/age/keys.js";
import { PersonKeys } from "../sealing/person.js";
import { SLIP39_WORDS } from "../sealing/slip39.js";
import { type Bytes, concat, fromBase64, fromUtf8, random, toBase64, utf8 } from "../signing/bytes.js";
import { sign } from "../signing/documents.js";
import { EFF_LARGE } from "../signing/fingerprints.js";
import { fetchList, learnt } from "../signing/lists.js";
import { BadKey, Refused } from "../signing/refusals.js";
import { SessionAnswer } from "../signing/session_answer.js";
import { post } from "./api.js";

/** The label under which a passkey's PRF output becomes the key that opens a locked key; also what the PRF is asked. */
export const LOCKED_KEY_LABEL = "lastwords/v1/locked-key";
/** Words of a generated passphrase: 103 bits. */
export const PASSPHRASE_WORDS = 8;

const STORED = "lastwords.key";
/** Where `typed.ts` keeps what somebody has typed; it goes with the key. */
export const TYPED = "lastwords.typed";
const DATABASE = "lastwords";
const STORE = "tabs";
/** Milliseconds that a tab keeps a key at most: as long as a session lasts. */
const LONGEST = 12 * 3600 * 1000;

/** Whose key this tab holds, with the key itself. */
export interface Held {
  readonly handle: string;
  readonly keys: PersonKeys;
}

interface Stored {
  readonly handle: string;
  readonly id: string;
  readonly sealed: string;
}

/** The half that no script can read out, and when it was made (milliseconds). */
interface Row {
  readonly lock: CryptoKey;
  readonly at: number;
}

let held: Held | undefined;

// Unlocking.

/** The keys of what a person typed or pasted: a card or sheet, its line AGE-SECRET-KEY-PQ-1…, or its 33 words. */
export async function fromPaper(text: string): Promise<PersonKeys> {
  if (/AGE-SECRET-KEY/i.test(text)) return PersonKeys.fromCard(text);
  const words = text.toLowerCase().match(/[a-z]{4,8}/g) ?? [];
  if (words.length !== 33) {
    throw new BadKey(
      `The sheet has 33 words, and here are ${words.length}. Nothing was sent or changed.`,
      "Type all 33 words in their order, or the whole line that begins with AGE-SECRET-KEY-PQ-1.",
    );
  }
  await fetchList(SLIP39_WORDS);
  return PersonKeys.fromWords(words.join(" "));
}

/** The keys that a passphrase opens in the locked key of this handle. The host sends bytes whether there is one or not. */
export async function fromPassphrase(handle: string, passphrase: string): Promise<PersonKeys> {
  const { sealed } = await post<{ sealed: string }>("/locked-keys", { account: handle });
  try {
    return PersonKeys.fromCard(opened(await age.openWithPassphrase(bytesOf(sealed), plain(passphrase))));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new Refused(
      "The passphrase does not open a key of this name. Nothing was changed.",
      "Check both, word by word. If you never made a passphrase here, use your passkey or your sheet.",
    );
  }
}

/** The keys that a passkey's PRF output opens. */
export async function fromPasskey(prf: Uint8Array, sealed: string): Promise<PersonKeys> {
  return PersonKeys.fromCard(opened(await age.openBytes(bytesOf(sealed), [passkeyKey(prf).text])));
}

// Locking up: copies of the key for the host to keep.

/** The key sealed to a passkey's PRF output, base64. */
export async function sealedToPasskey(keys: PersonKeys, prf: Uint8Array): Promise<string> {
  return padded(await age.sealBytes(cardOf(keys), [passkeyKey(prf).publicText]));
}

/** The key sealed under a passphrase, base64. Takes a second or two by design. */
export async function sealedUnderPassphrase(keys: PersonKeys, passphrase: string): Promise<string> {
  return padded(await age.sealWithPassphrase(cardOf(keys), plain(passphrase)));
}

/** A new passphrase of eight words from the EFF's long list. */
export async function newPassphrase(): Promise<string> {
  await fetchList(EFF_LARGE);
  const { words } = learnt(EFF_LARGE);
  return Array.from({ length: PASSPHRASE_WORDS }, () => words[below(words.length)] ?? "").join(" ");
}

/** A number from 0 to `bound` - 1, each as likely as the others. */
export function below(bound: number): number {
  const most = Math.floor(2 ** 32 / bound) * bound;
  for (;;) {
    const drawn = crypto.getRandomValues(new Uint32Array(1))[0] ?? most;
    if (drawn < most) return drawn % bound;
  }
}

/** A passphrase as it is meant, however its words were separated. */
export function plain(passphrase: string): string {
  return passphrase
    .toLowerCase()
    .split(/[\s-]+/)
    .filter(Boolean)
    .join(" ");
}

function passkeyKey(prf: Uint8Array): HybridSecretKey {
  return new HybridSecretKey(hkdf(sha256, prf, undefined, utf8(LOCKED_KEY_LABEL), 32));
}

function cardOf(keys: PersonKeys): Bytes {
  return utf8(`${keys.secretKey}\n`);
}

function opened(data: Uint8Array): string {
  return fromUtf8(data) ?? "";
}

function bytesOf(base64: string): Bytes {
  const data = fromBase64(base64.replace(/=+$/, ""));
  if (!data) throw new BadKey("The host sent a key that cannot be read.", "Load the page again.");
  return data;
}

function padded(data: Uint8Array): string {
  const text = toBase64(data);
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

// Signing in.

/** The host's challenge, answered with the sign-in key, for this page's own origin and no other. */
export async function answered(
  handle: string,
  keys: PersonKeys,
): Promise<{ account: string; answer: string }> {
  const asked = await post<{ challenge: string; origin: string }>("/challenges", { account: handle });
  if (asked.origin !== location.origin) {
    throw new Refused(
      `This host calls itself ${asked.origin}, and this page comes from ${location.origin}. No answer was signed.`,
      "Type the address of your bookmark or card anew. A false host would do the same to sign in elsewhere.",
    );
  }
  const fields = { origin: asked.origin, account: handle, challenge: asked.challenge };
  return { account: handle, answer: opened(sign(SessionAnswer, fields, keys.signIn).data) };
}

// Keeping, for as long as the tab is open.

/** Keep an unlocked key for this tab, in the place of the one it held. */
export async function keep(handle: string, keys: PersonKeys): Promise<void> {
  await forget();
  held = { handle, keys };
  await keepInTab(STORED, handle, keys.secretKey);
  changed();
}

/** The key that this tab holds for the person who is signed in; nothing if it is locked. */
export async function recall(handle: string): Promise<PersonKeys | undefined> {
  if (held) return held.handle === handle ? held.keys : undefined;
  if (sessionStorage.getItem(STORED) === null) return undefined;
  const secret = await fromTab(STORED, handle);
  if (secret === undefined) {
    await lock();
    return undefined;
  }
  held = { handle, keys: PersonKeys.fromCard(secret) };
  return held.keys;
}

/** Forget the key: from now on this tab can sign and open nothing. The halves that are of no use alone go at once, so that
 * whoever locks it and leaves the page in the same breath leaves nothing behind. */
export async function lock(): Promise<void> {
  await Promise.all([forget(), forgetInTab(TYPED)]);
  changed();
}

async function forget(): Promise<void> {
  held = undefined;
  await forgetInTab(STORED);
}

/** Tells a page whenever the key was unlocked or locked. */
export const CHANGED = "lastwords:key";

function changed(): void {
  document.dispatchEvent(new Event(CHANGED));
}

/** Keep a text of this person's in this tab under a name, sealed, in the place of the one it held. */
export async function keepInTab(name: string, handle: string, text: string): Promise<void> {
  await forgetInTab(name);
  const lock = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const nonce = random(12);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, lock, utf8(text));
  const id = crypto.randomUUID();
  await inStore("readwrite", (store) => store.put({ lock, at: Date.now() }, id));
  const stored: Stored = { handle, id, sealed: toBase64(concat(nonce, new Uint8Array(sealed))) };
  sessionStorage.setItem(name, JSON.stringify(stored));
  await forgetOld();
}

/** What this tab keeps under a name for this person; nothing for somebody else, or where half of it is gone. */
export async function fromTab(name: string, handle: string): Promise<string | undefined> {
  const text = sessionStorage.getItem(name);
  if (text === null) return undefined;
  const stored = JSON.parse(text) as Stored;
  const row = await inStore<Row | undefined>("readonly", (store) => store.get(stored.id));
  const data = fromBase64(stored.sealed);
  // A browser can open a closed tab again, with all that the tab kept: after its time that is of no use either.
  if (stored.handle !== handle || !row || isOld(row) || !data) return undefined;
  const iv = data.slice(0, 12);
  return opened(
    new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, row.lock, data.slice(12))),
  );
}

/** Forget what this tab keeps under a name. */
export async function forgetInTab(name: string): Promise<void> {
  const text = sessionStorage.getItem(name);
  sessionStorage.removeItem(name);
  if (text !== null) await inStore("readwrite", (store) => store.delete((JSON.parse(text) as Stored).id));
}

/** Keys of tabs that were closed open nothing any more, since what they sealed is gone; they are cleared away. */
async function forgetOld(): Promise<void> {
  const keys = await inStore<IDBValidKey[]>("readonly", (store) => store.getAllKeys());
  for (const key of keys) {
    const row = await inStore<Row | undefined>("readonly", (store) => store.get(key));
    if (row && isOld(row)) await inStore("readwrite", (store) => store.delete(key));
  }
}

function isOld({ at }: Row): boolean {
  return Date.now() - at > LONGEST;
}

function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest): Promise<T> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onerror = () => {
      failed(asked.error ?? new Error("This browser keeps nothing for this page."));
    };
    asked.onsuccess = () => {
      const database = asked.result;
      const transaction = database.transaction(STORE, mode);
      const request = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => {
        database.close();
        done(request.result as T);
      };
      transaction.onabort = () => {
        database.close();
        failed(transaction.error ?? new Error("This browser did not keep the key."));
      };
    };
  });
}
