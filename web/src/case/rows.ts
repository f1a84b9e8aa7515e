// Twin of src/lastwords/case/rows.py: from what a host lists to the rows of a case, copies in place of originals.
import { read } from "./entries.js";
import { CaseRefused } from "./refusals.js";
import type { Logged } from "./state.js";

/**
 * A row as the host lists it. `body` is the record that the reader's key opened and whose signature was checked; null
 * when it is sealed to others, or, with `trouble`, when it is sealed to the reader and something about it does not fit.
 */
export interface Listed {
  readonly number: number;
  readonly kind: string;
  readonly by: string;
  readonly at: number;
  readonly keepersOnly: boolean;
  readonly about: number | null;
  readonly body: Uint8Array | null;
  readonly trouble: string | null;
}

/** The rows of a case, copies in the place of their originals. */
export function rowsOf(listed: readonly Listed[]): Logged[] {
  const found = new Map<number, Logged>();
  const first = new Map<number, Listed>(); // each original, with the body it has or was given by a copy
  const original = new Map<number, number>(); // copy -> original
  for (const row of listed.toSorted((one, other) => one.number - other.number)) {
    const about = row.about ?? 0;
    const aim = first.get(original.get(about) ?? about);
    if (!aim || row.body === null || !isCopy(row, row.body, aim)) {
      first.set(row.number, row);
      found.set(row.number, logged(row));
      continue;
    }
    original.set(row.number, aim.number);
    if (aim.body === null) {
      const given = { ...aim, body: row.body };
      first.set(aim.number, given);
      found.set(aim.number, { ...logged(given), passedOnBy: row.by });
    }
  }
  return [...found.values()];
}

/**
 * Whether a row is an earlier one sealed again: the same bytes, or, where those are sealed to others, a record of the
 * same kind and writer that does not itself speak of the earlier entry, as its correction, answer or task.
 */
function isCopy(row: Listed, body: Uint8Array, aim: Listed): boolean {
  if (aim.body !== null) {
    return aim.body.length === body.length && aim.body.every((byte, at) => byte === body[at]);
  }
  try {
    const { head, what } = read(body, aim.kind, aim.by);
    const speaksOf = [head.corrects, head.answers, "task" in what ? what.task : null];
    return row.kind === aim.kind && !speaksOf.includes(row.about);
  } catch (error) {
    if (!(error instanceof CaseRefused)) throw error;
    return false;
  }
}

function logged(row: Listed): Logged {
  const { number, by, at, keepersOnly, body } = row;
  const read_ = { number, by, at, keepersOnly, passedOnBy: null };
  if (body === null) return { ...read_, entry: null, trouble: row.trouble };
  try {
    return { ...read_, entry: read(body, row.kind, row.by), trouble: row.trouble };
  } catch (error) {
    if (!(error instanceof CaseRefused)) throw error;
    return { ...read_, entry: null, trouble: error.happened };
  }
}
