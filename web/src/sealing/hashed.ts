// Twin of src/lastwords/sealing/disk.py, as far as a browser has one: what flows is hashed, and kept as blobs.
import { sha256 } from "@noble/hashes/sha2.js";
import { hex } from "../signing/bytes.js";
import { piecesOf, type Pieces, Source } from "./age/source.js";

/** Hashes (SHA-256) and counts what passes through. */
export class Hashed implements AsyncIterable<Uint8Array> {
  readonly #pieces: Pieces;
  readonly #hash = sha256.create();
  size = 0;

  constructor(pieces: Pieces) {
    this.#pieces = pieces;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#pieces) {
      this.#hash.update(piece);
      this.size += piece.length;
      yield piece;
    }
  }

  /** The hash of what passed so far, 64 hexadecimal digits. */
  get sha256(): string {
    return hex(this.#hash.clone().digest());
  }
}

/** Return the SHA-256 and the size in bytes of a file. */
export async function hashOf(file: Blob): Promise<readonly [sha256: string, size: number]> {
  const hashed = new Hashed(readBlob(file));
  await drain(hashed);
  return [hashed.sha256, hashed.size];
}

/** Give a file's pieces without holding it in memory. */
export function readBlob(file: Blob): AsyncGenerator<Uint8Array> {
  return piecesOf(file.stream());
}

/** Read to the end and keep nothing: only the end of a sealed stream proves that nothing was cut off. */
export async function drain(pieces: Pieces): Promise<void> {
  const source = new Source(pieces);
  while ((await source.read(PART)).length > 0);
}

const PART = 4 << 20;

/** Keep all pieces as one blob. They are handed over in parts, so that a browser can lay them on disk. */
export async function keep(pieces: Pieces, type = ""): Promise<Blob> {
  const parts: Blob[] = [];
  let held: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const handOver = (): void => {
    parts.push(new Blob(held));
    held = [];
    size = 0;
  };
  for await (const piece of pieces) {
    held.push(new Uint8Array(piece)); // a copy: who gave the piece may use its memory again
    size += piece.length;
    if (size >= PART) handOver();
  }
  handOver();
  return new Blob(parts, { type });
}

/** The files of one version, by name: what Python keeps in a folder. */
export type Folder = ReadonlyMap<string, Blob>;
