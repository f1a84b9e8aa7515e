// Twin of src/lastwords/sealing/age/source.py: a stream with the little look-ahead that reading a sealed file needs.
import { type Bytes, concat } from "../../signing/bytes.js";

/** A file as it flows: pieces of any size, read once and in order. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Wraps pieces so that lines, full blocks and the end can be told apart without losing a byte. */
export class Source {
  readonly #pieces: AsyncIterator<Uint8Array> | Iterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #size = 0;

  constructor(pieces: Pieces) {
    this.#pieces =
      Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  }

  /** Return up to `size` bytes without taking them; fewer only at the end. */
  async peek(size: number): Promise<Uint8Array> {
    await this.#fill(size);
    return this.#whole().subarray(0, size);
  }

  /** Take up to `size` bytes; fewer only at the end. */
  async read(size: number): Promise<Uint8Array> {
    await this.#fill(size);
    const whole = this.#whole();
    this.#keep(whole.subarray(size));
    return whole.subarray(0, size);
  }

  /** Take one line with its line feed, or nothing if none ends within `longest` bytes. */
  async line(longest: number): Promise<Uint8Array | undefined> {
    let searched = 0;
    for (;;) {
      const whole = this.#whole();
      const end = whole.indexOf(10, searched);
      if (end >= 0) {
        this.#keep(whole.subarray(end + 1));
        return end < longest ? whole.subarray(0, end + 1) : undefined;
      }
      searched = whole.length;
      if (searched >= longest) return undefined;
      await this.#fill(searched + 4096);
      if (this.#size === searched) return undefined;
    }
  }

  /** Give all that is left, piece by piece. */
  async *rest(): AsyncGenerator<Uint8Array> {
    for (const piece of this.#held.splice(0)) yield piece;
    this.#size = 0;
    for (let next = await this.#pieces.next(); !next.done; next = await this.#pieces.next()) yield next.value;
  }

  async #fill(size: number): Promise<void> {
    while (this.#size < size) {
      const next = await this.#pieces.next();
      if (next.done) return;
      this.#held.push(next.value);
      this.#size += next.value.length;
    }
  }

  #whole(): Uint8Array {
    const only = this.#held.length === 1 ? this.#held[0] : undefined;
    if (only) return only;
    const whole = concat(...this.#held);
    this.#held = [whole];
    return whole;
  }

  #keep(left: Uint8Array): void {
    this.#held = [left];
    this.#size = left.length;
  }
}

/** Give the pieces of a browser's stream; every browser reads one so, and not every one by `for await`. */
export async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Join all pieces; for what is small. */
export async function all(pieces: Pieces): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return concat(...parts);
}
