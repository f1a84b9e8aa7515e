// What this device keeps for an author between two visits: drafts, each locked before it leaves the page's memory, and
// sealed words that are still on their way to the host.
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { PersonKeys } from "../../sealing/person.js";
import { type Bytes, concat, random, utf8 } from "../../signing/bytes.js";

const DATABASE = "lastwords-author";
const ROOMS = ["drafts", "sealed"] as const;
type Room = (typeof ROOMS)[number];

/** The label under which the key of drafts is made from the person's seed. It never leaves this device. */
export const DRAFTS_LABEL = "lastwords/v1/drafts";
const NONCE = 12;

/** Do one thing in one room. Throws an Error where this browser keeps nothing. */
export function inRoom<T>(
  room: Room,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest,
): Promise<T> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => {
      for (const name of ROOMS) asked.result.createObjectStore(name);
    };
    asked.onerror = () => {
      failed(asked.error ?? new Error("This browser keeps nothing for this page."));
    };
    asked.onsuccess = () => {
      const database = asked.result;
      const transaction = database.transaction(room, mode);
      const request = work(transaction.objectStore(room));
      transaction.oncomplete = () => {
        database.close();
        done(request.result as T);
      };
      transaction.onabort = () => {
        database.close();
        failed(transaction.error ?? new Error("This browser did not keep it."));
      };
    };
  });
}

/** The names that begin with `prefix`, in their order. */
export function namesIn(room: Room, prefix: string): Promise<string[]> {
  const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
  return inRoom<string[]>(room, "readonly", (store) => store.getAllKeys(range));
}

/** Where one person's things about one subject lie. */
export function place(handle: string, subject = "", name = ""): string {
  return [handle, subject, name].join("\n");
}

/** One draft: its texts and the pieces of its recordings, by name. */
export class Draft {
  private constructor(
    readonly handle: string,
    readonly subject: string,
    private readonly lock: CryptoKey,
  ) {}

  /** The draft of this person about a subject, such as a track. */
  static async of(handle: string, subject: string, keys: PersonKeys): Promise<Draft> {
    const raw = Uint8Array.from(hkdf(sha256, keys.seed, undefined, utf8(DRAFTS_LABEL), 32));
    const lock = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    return new Draft(handle, subject, lock);
  }

  /**
   * Hold the draft for this page, from whatever tab had it before: two that keep one draft would write over each other.
   * `lost` is called when a later tab takes it in turn. A browser that lets nobody hold anything is written in all the same.
   */
  hold(lost: () => void): Promise<void> {
    return new Promise((go) => {
      const name = place(this.handle, this.subject);
      let held = false;
      const untilTheEnd = (): Promise<void> => {
        held = true;
        go();
        return new Promise(() => undefined);
      };
      navigator.locks.request(name, { steal: true }, untilTheEnd).catch(() => {
        (held ? lost : go)();
      });
    });
  }

  /** Keep something. Its name is bound to it, so that nothing can be put in another's place. */
  async keep(name: string, data: Bytes): Promise<void> {
    const at = place(this.handle, this.subject, name);
    const iv = random(NONCE);
    const sealed = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData: utf8(at) },
      this.lock,
      data,
    );
    const whole = concat(iv, new Uint8Array(sealed));
    await inRoom("drafts", "readwrite", (store) => store.put(whole, at));
  }

  /** What was kept under that name; nothing if there is nothing, or if it was locked with another key. */
  async read(name: string): Promise<Bytes | undefined> {
    const at = place(this.handle, this.subject, name);
    const whole = await inRoom<Bytes | undefined>("drafts", "readonly", (store) => store.get(at));
    if (!whole) return undefined;
    const algorithm = { name: "AES-GCM", iv: whole.slice(0, NONCE), additionalData: utf8(at) };
    try {
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, this.lock, whole.slice(NONCE)));
    } catch {
      return undefined;
    }
  }

  /** The names under which something is kept, in their order. */
  async names(beginning = ""): Promise<string[]> {
    const before = place(this.handle, this.subject);
    const found = await namesIn("drafts", before + beginning);
    return found.map((at) => at.slice(before.length));
  }

  /** Forget all whose name begins so; without a beginning, the whole draft. */
  async forget(beginning = ""): Promise<void> {
    const before = place(this.handle, this.subject) + beginning;
    const range = IDBKeyRange.bound(before, `${before}\uffff`);
    await inRoom("drafts", "readwrite", (store) => store.delete(range));
  }
}
