// Twin of src/lastwords/cli/me.py: the person who acts on this page, with their key, what they know, and what they sign.
import { Act, type ACTS, type ROLES } from "../signing/act.js";
import { fromUtf8, utf8 } from "../signing/bytes.js";
import { type Kind, read as readDocument, type Signed, sign } from "../signing/documents.js";
import { fingerprint } from "../signing/fingerprints.js";
import { PublicKey } from "../signing/keys.js";
import { Manifest } from "../signing/manifest.js";
import { Refused } from "../signing/refusals.js";
import type { PersonKeys } from "../sealing/person.js";
import { part, read } from "./api.js";
import { given } from "./dom.js";
import { recall } from "./keys.js";
import { anotherKey, Pins } from "./pins.js";
import type { Passed } from "./places.js";

/** A row of `GET words`, with the manifest it carries checked. */
export interface Sealed<Row = WordsRow> {
  readonly row: Row;
  readonly manifest: Signed<Manifest>;
}

export interface WordsRow {
  readonly track: string;
  readonly manifest: string;
  readonly number: number;
  readonly taken_back?: boolean;
  readonly passed: readonly Passed[];
}

/** The public keys of somebody, as the host shows them. */
export interface Shown {
  readonly handle: string;
  readonly name: string;
  readonly public_key: string;
  readonly signing_key: string;
  readonly sign_in_key: string;
}

/** The part of a case that signed acts name. */
export interface CaseHead {
  readonly number: number | string;
  readonly epoch: number;
}

/** That this tab does not hold the person's key: the page then shows where it is opened. */
export class KeyLocked extends Refused {
  constructor() {
    super(
      "Your key is locked in this tab. Nothing was changed.",
      "Open your key, and come back to this page.",
    );
  }
}

export class Me {
  private constructor(
    readonly handle: string,
    readonly keys: PersonKeys,
    readonly pins: Pins,
  ) {}

  /** The person of this page (`data-handle`), if this tab holds their key. Throws KeyLocked. */
  static async here(): Promise<Me> {
    const handle = given("handle");
    const keys = await recall(handle);
    if (!keys) throw new KeyLocked();
    return new Me(handle, keys, await Pins.of(handle, keys));
  }

  /** The signed envelope of a document, as it travels. Throws WrongShape. */
  sign<D>(kind: Kind<D>, fields: D): string {
    return text(sign(kind, fields, this.keys.signing).data);
  }

  /** A signed act; `case` for acts that belong to one. */
  signAct(
    act: (typeof ACTS)[number],
    author: string,
    role: (typeof ROLES)[number],
    more: { readonly case?: CaseHead | undefined; readonly subject?: string; readonly body?: string } = {},
  ): string {
    return this.sign(Act, {
      actor: this.handle,
      role,
      author,
      act,
      case: more.case ? String(more.case.number) : null,
      epoch: more.case ? more.case.epoch : null,
      subject: more.subject ?? null,
      body: more.body ?? null,
      moment: now(),
    });
  }

  /** Someone's keys as the host shows them, held against the pin where there is one. Throws Refused. */
  async shownKeys(handle: string): Promise<Shown> {
    const shown = await read<Shown & Record<string, unknown>>(`/people/${part(handle)}`);
    const known = this.pins.person(handle);
    const differs =
      known &&
      (known.signing !== fingerprint(shown.signing_key) ||
        (known.public_key !== undefined && known.public_key !== shown.public_key));
    if (differs) throw anotherKey(handle);
    return shown;
  }

  /** The key that signs an author's manifests: one's own, or the pinned one. Throws Refused. */
  async authorKey(author: string): Promise<PublicKey> {
    if (author === this.handle) return this.keys.signing.public;
    const known = this.pins.person(author);
    if (!known) {
      throw new Refused(
        `Nothing here says which key is the one of ${author}; nothing they signed can be checked.`,
        `Open your invitation once more in this browser, or sign in with your card: both carry it. The key of ${author} ` +
          "must not come from the host alone.",
      );
    }
    if (known.signing_key !== undefined) return PublicKey.read(known.signing_key);
    const shown = await this.shownKeys(author);
    await this.pins.keep(author, { ...known, signing_key: shown.signing_key });
    return PublicKey.read(shown.signing_key);
  }

  /** The tracks of an author that this person may see, each manifest checked, none older than the newest seen. */
  async sealed<Row extends WordsRow = WordsRow>(author: string): Promise<Sealed<Row>[]> {
    const rows = await read<Row[]>(`/watches/${part(author)}/words`);
    if (rows.length === 0) return [];
    const key = await this.authorKey(author);
    const found = rows.map((row) => ({ row, manifest: readDocument(utf8(row.manifest), Manifest, key) }));
    for (const { row, manifest } of found) {
      const { document } = manifest;
      if (document.author !== author || document.track !== row.track) throw wrongManifest(row.track);
    }
    await this.pins.see(found.map(({ manifest }) => manifest));
    return found;
  }
}

/** This browser's time as signed documents write it. Nobody relies on it: the host keeps its own. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

function text(data: Uint8Array): string {
  return fromUtf8(data) ?? "";
}

function wrongManifest(track: string): Refused {
  return new Refused(
    `The host shows a manifest of something else under ${track}; it was not used.`,
    "Tell whoever runs the host; nothing was changed.",
  );
}
