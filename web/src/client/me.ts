// Twin of src/lastwords/cli/me.py: the person who acts on this page, with their key, what they know, and what they sign.
import { Act, type ACTS, type ROLES } from "../signing/act.js";
import { fromUtf8, utf8 } from "../signing/bytes.js";
import { type Kind, peek, read as readDocument, type Signed, sign } from "../signing/documents.js";
import { fingerprint } from "../signing/fingerprints.js";
import { PublicKey } from "../signing/keys.js";
import { Manifest } from "../signing/manifest.js";
import { NewKeys } from "../signing/new_keys.js";
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

/** A key that somebody had before, and the word by which the next one followed. */
interface Followed {
  readonly signing_key: string;
  readonly document: string;
  readonly voucher_key: string;
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
    more: {
      readonly case?: CaseHead | undefined;
      readonly subject?: string;
      readonly body?: string;
      readonly moment?: string;
    } = {},
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
      moment: more.moment ?? now(),
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

  /**
   * The key that checks what an author signed: one's own, or the pinned one. `of` is the envelope in question, which may
   * be signed with a key that they had before. Throws Refused.
   */
  async authorKey(author: string, of?: string): Promise<PublicKey> {
    const own = author === this.handle;
    const key = own ? this.keys.signing.public : await this.#pinnedKey(author);
    const signer = of === undefined ? key.fingerprint : peek(utf8(of)).signer;
    if (signer === key.fingerprint) return key;
    const older = own ? (await this.#followed(signer)).keys : this.pins.older(author);
    const found = older.find((one) => fingerprint(one) === signer);
    return found === undefined ? key : PublicKey.read(found);
  }

  /** How one's own key came to be another since a manifest of one's own; nothing while it is the same. */
  async succession(before: Signed<Manifest> | undefined): Promise<readonly Signed<NewKeys>[]> {
    const signing = before?.document.author_signing ?? this.keys.signing.public.fingerprint;
    return signing === this.keys.signing.public.fingerprint ? [] : (await this.#followed(signing)).words;
  }

  /** One's own signing keys from the one of this fingerprint on, and the words by which the next ones followed. */
  async #followed(before: string): Promise<{ keys: string[]; words: Signed<NewKeys>[] }> {
    const { followed } = await read<{ followed: Followed[] }>(`/people/${part(this.handle)}/new-keys`);
    const at = followed.findIndex((one) => fingerprint(one.signing_key) === before);
    const rows = at < 0 ? [] : followed.slice(at);
    const words = rows.map((one) =>
      readDocument(utf8(one.document), NewKeys, PublicKey.read(one.voucher_key)),
    );
    return { keys: rows.map((one) => one.signing_key), words };
  }

  async #pinnedKey(author: string): Promise<PublicKey> {
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
    const found: Sealed<Row>[] = [];
    for (const row of rows) {
      const key = await this.authorKey(author, row.manifest);
      found.push({ row, manifest: readDocument(utf8(row.manifest), Manifest, key) });
    }
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
  return momentOf(Date.now() / 1000);
}

/** A UTC second as signed documents write it. */
export function momentOf(second: number): string {
  return new Date(second * 1000).toISOString().replace(/\.\d+Z$/, "Z");
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
