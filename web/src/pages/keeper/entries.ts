// Twin of src/lastwords/cli/entries.py: entries of a case, sealed to their audience, opened, and read.
//
// What is sealed is always a record signed by its writer. Only what reads so is ever shown: a host that slips some
// other sealed file of this keeper's among the entries, a share of theirs, gets nothing out of it.
import type { Entry } from "../../case/entries.js";
import { CaseRefused } from "../../case/refusals.js";
import { type Listed, rowsOf } from "../../case/rows.js";
import type { Logged } from "../../case/state.js";
import { part, post } from "../../client/api.js";
import { audience, type Member } from "../../client/keys_of.js";
import type { Me, Sealed } from "../../client/me.js";
import { openBytes, sealBytes } from "../../sealing/age/files.js";
import { SealedFileRefused } from "../../sealing/refusals.js";
import type { Bytes } from "../../signing/bytes.js";
import { base64Of, bytesOf, type EntryRow, type Running } from "./running.js";
import { Signers, unwrap, wrap } from "./signed_entry.js";

/** What is inside a sealed body; nothing when it is not sealed to this person, or not to be read. */
export async function opened(me: Me, body: string | null | undefined): Promise<Bytes | undefined> {
  if (!body) return undefined;
  try {
    return await openBytes(bytesOf(body), [me.keys.secretKey]);
  } catch (error) {
    if (!(error instanceof SealedFileRefused)) throw error;
    return undefined;
  }
}

/** The rows of a case, opened with this person's key, every signature checked, copies in place of their originals. */
export async function listed(
  me: Me,
  author: string,
  found: Running,
  sealed: readonly Sealed[],
): Promise<Logged[]> {
  const signers = new Signers(me, author, found, sealed);
  const rows: Listed[] = [];
  for (const row of found.entries) rows.push(await rowOf(row, await opened(me, row.body), signers));
  return rowsOf(rows);
}

async function rowOf(row: EntryRow, data: Bytes | undefined, signers: Signers): Promise<Listed> {
  const { number, kind, by, at, about } = row;
  const outside = { number, kind, by, at, about, keepersOnly: row.audience === "keepers" };
  if (!data) return { ...outside, body: null, trouble: null };
  try {
    return { ...outside, body: await unwrap(data, signers, outside.keepersOnly), trouble: null };
  } catch (error) {
    if (!(error instanceof CaseRefused)) throw error;
    return { ...outside, body: null, trouble: error.happened };
  }
}

/** What became of an entry: its number, and whom it could not be sealed to. */
export interface Written {
  readonly number: number;
  readonly leftOut: readonly string[];
}

/** Seal an entry to its audience and add it to the case. Throws Refused and CaseRefused. */
export async function write(
  me: Me,
  author: string,
  found: Running,
  entry: Entry,
  to: "case" | "keepers",
): Promise<Written> {
  const { corrects, answers } = entry.head;
  const about = corrects ?? answers ?? ("task" in entry.what ? entry.what.task : null);
  const data = wrap(me, author, found, entry, to === "keepers");
  const { body, leftOut } = await sealTo(me, author, found.audience?.[to] ?? [], data);
  const said = await post<{ number: number }>(`/watches/${part(author)}/case/entries`, {
    kind: entry.kind,
    audience: to,
    body: base64Of(body),
    ...(about === null ? {} : { about }),
  });
  return { number: said.number, leftOut };
}

/** Something sealed to the vouched keys of an audience, and whom it had to leave out. */
export async function sealTo(
  me: Me,
  author: string,
  members: readonly Member[],
  data: Uint8Array,
): Promise<{ readonly body: Bytes; readonly leftOut: readonly string[] }> {
  const { keys, leftOut } = await audience(me, author, members, await me.sealed(author));
  return { body: await sealBytes(data, keys), leftOut };
}
