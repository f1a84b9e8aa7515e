// A case as the host shows it to this keeper, and small things that every page of a case needs.
import { part, read } from "../../client/api.js";
import { given } from "../../client/dom.js";
import type { Member } from "../../client/keys_of.js";
import type { CaseHead } from "../../client/me.js";
import { told, type Places } from "../../client/refusals.js";
import type { Problem } from "../../client/dom.js";
import { CaseRefused } from "../../case/refusals.js";
import { type Bytes, fromBase64, toBase64 } from "../../signing/bytes.js";
import { Refused } from "../../signing/refusals.js";

/** A row of the case's entries: its outside, and the sealed body where it may be for this reader. */
export interface EntryRow {
  readonly number: number;
  readonly kind: string;
  readonly by: string;
  readonly at: number;
  readonly audience: string;
  readonly about: number | null;
  readonly erased: boolean;
  readonly body: string | null;
}

export interface CaseMember extends Member {
  readonly signing_key: string;
}

export interface TrackRow {
  readonly track: string;
  readonly condition: string;
  readonly recipient: string;
  readonly stage: string;
  readonly words: string;
  readonly counted: number;
  readonly yours: boolean;
}

export interface Running {
  readonly number: number;
  readonly epoch: number;
  readonly cause: string;
  /** Of a word under force: `without` is the case that others read. */
  readonly force?: { readonly without: CaseHead | null };
  readonly plan_version: number;
  readonly quorum: number;
  readonly name: string;
  readonly opened: number;
  readonly closed: number | null;
  readonly answered: readonly string[];
  readonly people: readonly { readonly handle: string; readonly name: string; readonly alternate: boolean }[];
  readonly entries: readonly EntryRow[];
  /** Whether other entries follow: a host sends a few MiB at a time. */
  readonly more: boolean;
  readonly heads?: readonly { readonly track: string; readonly cover: readonly string[] }[];
  readonly statements?: readonly { readonly keeper: string; readonly text?: string }[];
  readonly tracks?: readonly TrackRow[];
  readonly audience?: Readonly<Record<"case" | "keepers", readonly CaseMember[]>>;
}

/** The newest case of an author, as this keeper may know it, with all of its entries. */
export async function running(author: string): Promise<Running> {
  const found = await read<Running>(`/watches/${part(author)}/case`);
  const entries = [...found.entries];
  let { more } = found;
  while (more) {
    const last = entries.at(-1)?.number ?? 0;
    const page = await read<Running>(`/watches/${part(author)}/case?after=${String(last)}`);
    // Numbered on from the page before, or a host could send the same entries for ever.
    const first = page.entries[0]?.number ?? 0;
    if (page.number !== found.number || first <= last) throw notWhole(last);
    entries.push(...page.entries);
    more = page.more;
  }
  return { ...found, entries, more };
}

function notWhole(last: number): Refused {
  return new Refused(
    `The host did not go on after entry ${String(last)} where it had stopped. Nothing was written.`,
    "Try again. If it stays so, call the other keepers and tell the host.",
  );
}

/** Everybody of a case by the names they gave themselves. */
export function namesOf(found: Running): ReadonlyMap<string, string> {
  return new Map(found.people.map(({ handle, name }) => [handle, name]));
}

/** Bytes of padded base64, as sealed bodies travel. Throws Refused. */
export function bytesOf(text: string): Bytes {
  const data = fromBase64(text.replace(/=+$/, ""));
  if (data) return data;
  throw new Refused(
    "The host sent something that is no sealed file. Nothing was opened.",
    "Load the page again.",
  );
}

export function base64Of(data: Uint8Array): string {
  const text = toBase64(data);
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** `Sunday 14 June 2026, 20:00 (Lisbon)`, as the pages of this house say it. */
export function dayOf(seconds: number, zone = given("zone") || "UTC"): string {
  const at = new Date(seconds * 1000);
  const say = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(at);
  const date = `${say({ weekday: "long" })} ${say({ day: "numeric", month: "long", year: "numeric" })}`;
  const clock = say({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return `${date}, ${clock} (${zone.split("/").at(-1)?.replaceAll("_", " ") ?? zone})`;
}

/** Fields that have to be mended before anything is sent. */
export class ToMend extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super("There is something to mend.");
  }
}

/** What went wrong, for the form: fields to mend, what the case or the host refuses, or that the key is locked. */
export function problemsOf(places: Places = {}): (error: unknown) => readonly Problem[] {
  return (error) => {
    if (error instanceof ToMend) return error.problems;
    if (error instanceof CaseRefused) return [{ text: `${error.happened} ${error.do}` }];
    return told(places)(error);
  };
}
