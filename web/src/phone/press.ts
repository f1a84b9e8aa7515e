// "I'm here" from a phone: signed at once, kept on the phone, sent when there is signal.
import { forgetPress, keepPhone, keepPress, waiting, type Phone, type Press } from "./kept.js";

const KIND = "phone-check-in";
const PATIENCE = 60_000;
/** Milliseconds that the answer to a press may take in all; after that it is kept, and sent again later. */

/** How a press ended. `due` is when the next check-in is due, in seconds. */
export type Outcome =
  | { is: "taken"; stage: string; due: number | null }
  | { is: "kept"; at: number }
  | { is: "refused"; code: string; says: string };

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

export async function press(phone: Phone): Promise<Outcome> {
  await keepPress(await signed(phone));
  return (await send(phone)) ?? { is: "kept", at: Date.now() };
}

/** Sends the press that waits; undefined when none does. One page at a time, or the second would find it played again. */
export async function send(phone: Phone): Promise<Outcome | undefined> {
  return navigator.locks.request("lastwords-press", () => sendWaiting(phone));
}

async function sendWaiting(phone: Phone): Promise<Outcome | undefined> {
  const kept = await waiting();
  if (kept === undefined) return undefined;
  let answer: Response;
  try {
    answer = await fetch(`/api/watches/${phone.author}/check-ins`, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ phone: { document: kept.document, signature: kept.signature } }),
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return { is: "kept", at: kept.at };
  }
  // A host that is up and cannot answer now will answer later; whatever else it says is its answer to this press.
  if (answer.status >= 500 || answer.status === 429) return { is: "kept", at: kept.at };
  await forgetPress();
  const said = (await answer.json()) as {
    stage?: string;
    next_due?: number | null;
    code?: string;
    happened?: string;
    do?: string;
  };
  // It had arrived before, and only the answer was lost on the way.
  if (said.code === "counter_low") return { is: "taken", stage: "", due: null };
  if (answer.ok) return { is: "taken", stage: said.stage ?? "", due: said.next_due ?? null };
  return { is: "refused", code: said.code ?? "", says: `${said.happened ?? ""} ${said.do ?? ""}`.trim() };
}
