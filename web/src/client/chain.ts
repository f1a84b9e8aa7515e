// Twin of `check_chain` in src/lastwords/cli/log.py: an author's record, every link of it checked here.
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, fromHex, hex, utf8 } from "../signing/bytes.js";
import { encode, type Value } from "../signing/canonical.js";
import { Refused } from "../signing/refusals.js";
import { part, read } from "./api.js";

interface LogRow {
  readonly number: number;
  readonly commitment: string;
  readonly link: string;
  readonly body?: Value;
  readonly salt?: string;
}

/** The number and link of the record's last row, nothing for a record without rows. Throws Refused for a broken one. */
export async function checkedHead(
  author: string,
): Promise<{ readonly row: number; readonly link: string } | null> {
  const rows: LogRow[] = [];
  for (;;) {
    const after = rows.at(-1)?.number ?? 0;
    const page = await read<{ rows: LogRow[] }>(`/watches/${part(author)}/log?after=${String(after)}`);
    if (page.rows.length === 0) break;
    // Numbered on from the page before, or a host could send the same rows for ever.
    if (page.rows[0]?.number !== after + 1) throw broken(after + 1);
    rows.push(...page.rows);
  }
  let link = sha256(utf8(`lastwords/v1/log\0author:${author}`));
  for (const [at, row] of rows.entries()) {
    const commitment = fromHex(row.commitment);
    link = sha256(concat(link, commitment, eightBytes(at + 1)));
    const fits = row.body === undefined || hex(committed(row)) === row.commitment;
    if (row.number !== at + 1 || row.link !== hex(link) || !fits) throw broken(at + 1);
  }
  const last = rows.at(-1);
  return last ? { row: last.number, link: last.link } : null;
}

function committed(row: LogRow): Uint8Array {
  return sha256(concat(fromHex(row.salt ?? ""), encode(row.body ?? null)));
}

function eightBytes(number: number): Uint8Array {
  const made = new Uint8Array(8);
  new DataView(made.buffer).setBigUint64(0, BigInt(number));
  return made;
}

function broken(number: number): Refused {
  return new Refused(
    `Row ${String(number)} of the record does not fit the chain: something was changed, dropped or put in.`,
    "Compare the heads in your letters with the host's, and tell the other keepers.",
  );
}
