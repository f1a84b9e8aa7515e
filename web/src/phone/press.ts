// "I'm here" from a phone: signed at once, kept on the phone, sent when there is signal.
import {
  answered,
  keepAnswered,
  keepPhone,
  keepPress,
  waiting,
  type Answer,
  type Phone,
  type Press,
} from "./kept.js";

const KIND = "phone-check-in";
/** Milliseconds that the answer to a press may take in all; after that it is kept, and sent again later. */
const PATIENCE = 60_000;

/** How a press ended: answered by the host, or kept for later. */
export type Outcome = Answer | { is: "kept"; at: number };

function base64url(bytes: ArrayBuffer): string {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Makes the phone's key. Its private half cannot leave this browser. */
export async function makePhone(author: string, host: string, offset: number): Promise<Phone> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, [
    "sign",
    "verify",
  ]);
  const publicKey = base64url(await crypto.subtle.exportKey("raw", pair.publicKey));
  const made = { author, host, credential: "", publicKey, key: pair.privateKey, counter: 0, offset };
  await keepPhone(made);
  return made;
}

/** Signs one press. The counter is on the disk before it is used, so no number is ever used twice. */
async function signed(phone: Phone): Promise<Press> {
  const at = Date.now();
  const seconds = Math.floor(at / 1000) + phone.offset;
  phone.counter = Math.max(phone.counter + 1, seconds);
  await keepPhone(phone);
  // Canonical JSON: members in the order of their names, nothing between them (docs/sealing.md).
  const text = JSON.stringify({
    author: phone.author,
    counter: phone.counter,
    credential: phone.credential,
    host: phone.host,
    kind: KIND,
    moment: new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z"),
    version: 1,
  });
  const bytes = new TextEncoder().encode(`lastwords/v1/${KIND}\0${text}`);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, phone.key, bytes);
  return { document: text, signature: base64url(signature), at };
}

export async function press(phone: Phone): Promise<Outcome | undefined> {
  await keepPress(await signed(phone));
  // Where none waits any more, another page of this phone was sooner, and this is what it was told.
  return (await send(phone)) ?? (await answered())?.answer;
}

/** Sends the press that waits; undefined when none does. One page at a time, or the second would find it played again. */
export async function send(phone: Phone): Promise<Outcome | undefined> {
  return navigator.locks.request("lastwords-press", () => sendWaiting(phone));
}

async function sendWaiting(phone: Phone): Promise<Outcome | undefined> {
  const kept = await waiting();
  if (kept === undefined) return undefined;
  const answer = await asked(phone, kept).catch(() => undefined);
  if (answer === undefined) return { is: "kept", at: kept.at };
  await keepAnswered({ at: kept.at, answer });
  return answer;
}

/** What the host says to a press; undefined, or an error, where nothing was said to it and it has to be sent again. */
async function asked(phone: Phone, { document, signature }: Press): Promise<Answer | undefined> {
  const answer = await fetch(`/api/watches/${phone.author}/check-ins`, {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ phone: { document, signature } }),
    signal: AbortSignal.timeout(PATIENCE),
  });
  // A host that is up and cannot answer now will answer later.
  if (answer.status >= 500 || answer.status === 429) return undefined;
  // What is no JSON was said by something on the way, such as the page of a hotel that wants a room number first.
  const said = (await answer.json()) as {
    stage?: string;
    next_due?: number | null;
    code?: string;
    happened?: string;
    do?: string;
  };
  // It had arrived before, and only the answer was lost on the way.
  if (said.code === "counter_low") return { is: "taken", stage: "", due: null };
  if (answer.ok && said.stage !== undefined)
    return { is: "taken", stage: said.stage, due: said.next_due ?? null };
  if (said.code === undefined) return undefined;
  return { is: "refused", code: said.code, says: `${said.happened ?? ""} ${said.do ?? ""}`.trim() };
}
