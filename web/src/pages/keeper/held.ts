// Twin of `held` in src/lastwords/cli/shares.py: this keeper's shares, each with the author's checked manifest.
import { part, read } from "../../client/api.js";
import type { Me } from "../../client/me.js";
import { type Passed, type Places, places } from "../../client/places.js";
import { type Bytes, utf8 } from "../../signing/bytes.js";
import { read as readDocument, type Signed } from "../../signing/documents.js";
import { Manifest, type Part, type RosterSeat, seatOf, WISHES, WORDS } from "../../signing/manifest.js";
import { Refused } from "../../signing/refusals.js";
import { bytesOf } from "./running.js";

interface ShareRow {
  readonly manifest: string;
  readonly words: string;
  readonly wishes: string | null;
  readonly passed: readonly Passed[];
}

/** A track of which this keeper holds shares, sealed to their key. `place` is theirs, or one that was handed to them. */
export interface Held {
  readonly manifest: Signed<Manifest>;
  readonly words: Bytes;
  readonly wishes: Bytes | undefined;
  readonly places: Places;
  readonly place: RosterSeat;
}

/** The shares of this keeper. Throws Refused for a manifest that the author did not sign, or an older one. */
export async function held(me: Me, author: string): Promise<Held[]> {
  const rows = await read<ShareRow[]>(`/watches/${part(author)}/shares`);
  const found: Held[] = [];
  for (const row of rows) {
    const key = await me.authorKey(author, row.manifest);
    const manifest = readDocument(utf8(row.manifest), Manifest, key);
    if (manifest.document.author !== author) throw ofSomebodyElse();
    const by = places(manifest.document, row.passed);
    found.push({
      manifest,
      words: bytesOf(row.words),
      wishes: row.wishes ? bytesOf(row.wishes) : undefined,
      places: by,
      place: by.get(me.handle) ?? seatOf(manifest.document, me.handle),
    });
  }
  await me.pins.see(found.map(({ manifest }) => manifest));
  return found;
}

/** The parts of a track that this keeper holds, each with its sealed file. */
export function partsOf({ words, wishes }: Held): readonly (readonly [part: Part, data: Bytes])[] {
  return [[WORDS, words], ...(wishes ? [[WISHES, wishes] as const] : [])];
}

function ofSomebodyElse(): Refused {
  return new Refused(
    "The host shows a manifest of somebody else's words; it was not used, and nothing was opened.",
    "Tell whoever runs the host.",
  );
}
