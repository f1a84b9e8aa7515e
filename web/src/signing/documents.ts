// Twin of src/lastwords/signing/documents.py: signed documents, and the envelope in which one travels.
import { type Bytes, fromBase64url, toBase64url } from "./bytes.js";
import * as canonical from "./canonical.js";
import { type PublicKey, SIGNATURE_BYTES, type SigningKey } from "./keys.js";
import { BadSignature, WrongShape, WrongSigner } from "./refusals.js";
import * as shapes from "./shapes.js";

export const VERSION = 1;

/** A kind of document: its name, its fields, and how one is spelled, read and named by its digest. */
export interface Kind<D> {
  readonly kind: string;
  /** The context under which this kind is signed. */
  readonly label: string;
  /** Return a document made in code. Throws WrongShape. */
  of(fields: D): D;
  /** Return the canonical bytes that are signed. */
  encode(document: D): Bytes;
  /** SHA-256 of the canonical bytes, 64 hexadecimal digits. */
  digest(document: D): string;
  /** Read a document without its envelope. Throws NotCanonical or WrongShape. */
  fromBytes(data: Uint8Array): D;
  /** Read a document from decoded values. Throws WrongShape. */
  fromValue(value: unknown): D;
}

/** The document of a kind, as in `DocumentOf<typeof CheckIn>`. */
export type DocumentOf<K> = K extends Kind<infer D> ? D : never;

/** Define a kind. `check` refuses fields that contradict each other. */
export function kindOf<F extends shapes.Fields>(
  kind: string,
  fields: F,
  check: (document: shapes.Read<F>) => void = () => undefined,
): Kind<shapes.Read<F>> {
  const of = (value: unknown): shapes.Read<F> => {
    const document = shapes.read(fields, value, kind);
    check(document);
    return document;
  };
  const encode = (document: shapes.Read<F>): Bytes => canonical.encode(valueOf(kind, document));
  const fromValue = (value: unknown): shapes.Read<F> => {
    if (!canonical.isObject(value) || value["kind"] !== kind || value["version"] !== VERSION) {
      throw shapes.refuse("kind", `${kind}, version ${VERSION}`);
    }
    return of(
      Object.fromEntries(Object.entries(value).filter(([key]) => key !== "kind" && key !== "version")),
    );
  };
  return {
    kind,
    label: `lastwords/v${VERSION}/${kind}`,
    of,
    encode,
    digest: (document) => canonical.digest(encode(document)),
    fromBytes: (data) => fromValue(canonical.decode(data)),
    fromValue,
  };
}

function valueOf(kind: string, document: object): canonical.Value {
  return { kind, version: VERSION, ...document };
}

/** A document with its signature and the fingerprint of the key that made it. */
export class Signed<D> {
  constructor(
    readonly kind: Kind<D>,
    readonly document: D,
    readonly signature: Uint8Array,
    readonly signer: string,
  ) {}

  /** The digest of the document alone; signatures are random and never compared. */
  get digest(): string {
    return this.kind.digest(this.document);
  }

  /** The envelope, to be stored and sent. */
  get data(): Bytes {
    return canonical.encode({
      document: valueOf(this.kind.kind, this.document as object),
      signature: toBase64url(this.signature),
      signer: this.signer,
    });
  }
}

/** Sign a document under the label of its kind. Throws WrongShape. */
export function sign<D>(kind: Kind<D>, document: D, key: SigningKey): Signed<D> {
  const checked = kind.of(document);
  return new Signed(kind, checked, key.sign(kind.label, kind.encode(checked)), key.public.fingerprint);
}

/**
 * Read an envelope and verify it with the key of the person who should have signed.
 *
 * Throws NotCanonical, WrongShape, WrongSigner (another key than `key` is named) or BadSignature.
 */
export function read<D>(data: Uint8Array, kind: Kind<D>, key: PublicKey): Signed<D> {
  const envelope = envelopeOf(data);
  const document = kind.fromValue(envelope.document);
  if (envelope.signer !== key.fingerprint) {
    throw new WrongSigner(
      "The document is signed with another key than the one known for this person. Nothing was changed.",
      "If the person has a new key, compare its eight words with them by voice before trusting it.",
    );
  }
  const signature = fromBase64url(envelope.signature);
  if (signature?.length !== SIGNATURE_BYTES) {
    throw new BadSignature(
      "The signature of the document is damaged. Nothing was changed.",
      "Ask for the document again from the person who signed it.",
    );
  }
  key.verify(kind.label, kind.encode(document), signature);
  return new Signed(kind, document, signature, key.fingerprint);
}

/** What an envelope claims, not verified: only to choose the reader and the key. */
export interface Peeked {
  readonly kind: string;
  readonly signer: string;
}

/** Return the kind and the signer that an envelope claims, unverified. Throws NotCanonical or WrongShape. */
export function peek(data: Uint8Array): Peeked {
  const { document, signer } = envelopeOf(data);
  const kind = canonical.isObject(document) ? document["kind"] : undefined;
  if (typeof kind !== "string") throw shapes.refuse("kind", "present");
  return { kind, signer: shapes.digest(signer, "signer") };
}

function envelopeOf(data: Uint8Array): { document: unknown; signature: string; signer: string } {
  const envelope = canonical.decode(data);
  if (!canonical.isObject(envelope) || Object.keys(envelope).join() !== "document,signature,signer") {
    throw new WrongShape(
      "What was given is not a signed document. Nothing was changed.",
      "Ask for the whole file, with its members document, signature and signer.",
    );
  }
  const { document, signature, signer } = envelope;
  if (typeof signature !== "string" || typeof signer !== "string") {
    throw shapes.refuse("signature and signer", "texts");
  }
  return { document, signature, signer };
}
