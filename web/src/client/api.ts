// The host's API, from one of its own pages: the cookie says who asks, the form token that this page asks.
import { Refused } from "../signing/refusals.js";

/** A refusal of the host's: `code` for programs, `happened` and `do` for people, `fields` where a form is meant. */
export class Refusal extends Refused {
  constructor(
    readonly status: number,
    readonly code: string,
    happened: string,
    what: string,
    readonly fields: readonly string[] = [],
  ) {
    super(happened, what);
  }
}

export type Body = Readonly<Record<string, unknown>>;
export type Answer = Record<string, unknown>;

const TRIES = 3;
const REST = 400;
/** Milliseconds before a safe request is tried again; twice as long each time. */

/** Milliseconds that an answer may take in all; else a host that sends a byte now and then would hold a page for ever. */
export const PATIENCE = 300_000;

let formToken = "";
const running = new Map<string, Promise<unknown>>();

/** Take the form token that came with a sign-in: the one before ended with it. */
export function useFormToken(token: string): void {
  formToken = token;
}

/** Read. Tried again when the line breaks, since reading changes nothing. */
export async function read<T = Answer>(path: string): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await json("GET", path)) as T;
    } catch (error) {
      const passing = error instanceof Refusal && (error.code === "unreachable" || error.code === "busy");
      if (!passing || attempt === TRIES) throw error;
      await new Promise((done) => setTimeout(done, REST * 2 ** attempt));
    }
  }
}

/** Write, once: the same request while the first still runs is the same request. It is never sent again by itself. */
export function post<T = Answer>(path: string, body: Body = {}): Promise<T> {
  return once("POST", path, body) as Promise<T>;
}

export function put<T = Answer>(path: string, body: Body = {}): Promise<T> {
  return once("PUT", path, body) as Promise<T>;
}

export function remove<T = Answer>(path: string): Promise<T> {
  return once("DELETE", path) as Promise<T>;
}

/** Any request whose answer is not JSON, such as a sealed file's: the answer as it came, or a Refusal. */
export async function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  if (method !== "GET") headers.set("X-CSRFToken", tokenOfThisPage());
  let answer: Response;
  try {
    answer = await fetch(`/api${path}`, {
      ...init,
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw unreachable(method);
  }
  if (!answer.ok) throw await refusalOf(answer);
  return answer;
}

/** A part of an address, so that no name can slip a slash in. */
export function part(name: string | number): string {
  return encodeURIComponent(String(name));
}

function once(method: string, path: string, body?: Body): Promise<unknown> {
  const key = `${method} ${path} ${JSON.stringify(body)}`;
  const before = running.get(key);
  if (before) return before;
  const sent = json(method, path, body).finally(() => running.delete(key));
  running.set(key, sent);
  return sent;
}

async function json(method: string, path: string, body?: Body): Promise<unknown> {
  const init: RequestInit =
    body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const signal = AbortSignal.timeout(PATIENCE);
  const answer = await send(method, path, { ...init, signal });
  try {
    return await answer.json();
  } catch {
    throw signal.aborted ? unreachable(method) : noSense(answer.status);
  }
}

async function refusalOf(answer: Response): Promise<Refusal> {
  let said: unknown;
  try {
    said = await answer.json();
  } catch {
    return noSense(answer.status);
  }
  if (typeof said !== "object" || said === null) return noSense(answer.status);
  const { code, happened, do: what, fields } = said as Record<string, unknown>;
  if (typeof code !== "string" || typeof happened !== "string" || typeof what !== "string") {
    return noSense(answer.status);
  }
  const names = Array.isArray(fields)
    ? fields.map((one: { field?: unknown }) => String(one.field).split(".").pop() ?? "")
    : [];
  return new Refusal(answer.status, code, happened, what, names);
}

/** The token stands in any of the page's forms, or in its head. */
function tokenOfThisPage(): string {
  if (formToken) return formToken;
  const field = document.querySelector<HTMLInputElement>('input[name="csrfmiddlewaretoken"]');
  return field?.value ?? "";
}

export function unreachable(method: string): Refusal {
  const unharmed =
    method === "GET"
      ? "nothing was changed."
      : "whether it heard this is not known; what it acknowledged is safe.";
  return new Refusal(
    0,
    "unreachable",
    `The host cannot be reached: ${unharmed}`,
    "Check the line, load the page again to see what it knows, and repeat it if need be.",
  );
}

function noSense(status: number): Refusal {
  return new Refusal(
    status,
    "no_sense",
    `The host answered something that it never says (${status}).`,
    "Load the page again. If it happens twice, tell whoever runs the host.",
  );
}
