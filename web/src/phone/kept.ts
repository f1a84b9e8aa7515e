// What a phone keeps: its own key, for whom and where it checks in, one press that could not be sent yet, and what the
// host said to the last one. The key is made so that no page can read it, ours included: it can be used here, and not be
// taken away.

/** The phone's own record. `credential` is empty until the host has taken it as a way to check in. */
export interface Phone {
  author: string;
  host: string;
  credential: string;
  publicKey: string;
  key: CryptoKey;
  counter: number;
  /** Seconds by which the host's clock is ahead of this phone's. */
  offset: number;
}

/** A press on its way: what was signed, and when it was pressed, in milliseconds of this phone's clock. */
export interface Press {
  document: string;
  signature: string;
  at: number;
}

/** What the host said to a press. `due` is when the next check-in is due, in seconds. */
export type Answer =
  { is: "taken"; stage: string; due: number | null } | { is: "refused"; code: string; says: string };

/** The last press that the host answered, and what it said: a page that closed before that can tell when it opens. */
export interface Answered {
  at: number;
  answer: Answer;
}

const DATABASE = "lastwords-phone";
const STORE = "kept";

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => {
      resolve(asked.result);
    };
    asked.onerror = () => {
      reject(new Error("this browser keeps nothing for this page"));
    };
  });
}

async function within<T>(
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const database = await opened();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const asked = act(transaction.objectStore(STORE));
      // Only a finished transaction is on the disk.
      transaction.oncomplete = () => {
        resolve(asked.result);
      };
      transaction.onabort = transaction.onerror = () => {
        reject(new Error("this phone could not keep it"));
      };
    });
  } finally {
    database.close();
  }
}

export async function phone(): Promise<Phone | undefined> {
  return (
    (await within("readonly", (store) => store.get("phone") as IDBRequest<Phone | undefined>)) ?? undefined
  );
}

export async function keepPhone(kept: Phone): Promise<void> {
  await within("readwrite", (store) => store.put(kept, "phone"));
}

export async function waiting(): Promise<Press | undefined> {
  return (
    (await within("readonly", (store) => store.get("press") as IDBRequest<Press | undefined>)) ?? undefined
  );
}

/** Keeps the newest press; an older one says nothing that it does not say. */
export async function keepPress(press: Press): Promise<void> {
  await within("readwrite", (store) => store.put(press, "press"));
}

export async function answered(): Promise<Answered | undefined> {
  return (
    (await within("readonly", (store) => store.get("answered") as IDBRequest<Answered | undefined>)) ??
    undefined
  );
}

/** Keeps what the host said instead of the press that it answered: both in one transaction, or neither. */
export async function keepAnswered(last: Answered): Promise<void> {
  await within("readwrite", (store) => {
    store.delete("press");
    return store.put(last, "answered");
  });
}
