// Sealed files on their way: sent in pieces that survive a broken line, fetched again from where they stopped.
import { hashOf } from "../sealing/hashed.js";
import type { ManifestFile } from "../signing/manifest.js";
import { Refused } from "../signing/refusals.js";
import { PATIENCE, read, Refusal, send, unreachable } from "./api.js";

/** Told how many bytes have passed so far. */
export type Sent = (bytes: number) => void;

const PIECE = 4 << 20;
const TRIES = 5;
const REST = 500;
/** Milliseconds before a piece is tried again; twice as long each time. */
const SLOWEST = 8;
/** Bytes in a millisecond, beyond the patience of any answer: a host that drips is not waited for, a slow line is. */

/**
 * Send a sealed file and return its hash. A piece is on the host's disk before the next is sent; after a broken line
 * it goes on where the host says. Sending what is there already sends nothing.
 */
export async function upload(file: Blob, sent: Sent = () => undefined): Promise<string> {
  const [sha256, size] = await hashOf(file);
  let { at, whole } = await comeOf(sha256);
  for (let attempt = 1; ;) {
    sent(at);
    if (whole) return sha256;
    try {
      at = await sendPiece(file, sha256, size, at);
      attempt = 1;
      whole = at >= size;
    } catch (error) {
      if (!isPassing(error) || attempt++ === TRIES) throw error;
      await new Promise((done) => setTimeout(done, REST * 2 ** attempt));
      ({ at, whole } = await comeOf(sha256));
    }
  }
}

/** How much has come. A host that has every byte and does not call the file whole is sent a piece of none. */
async function comeOf(sha256: string): Promise<{ at: number; whole: boolean }> {
  try {
    const come = await read<{ offset: number; complete: boolean }>(`/files/${sha256}/offset`);
    return { at: come.offset, whole: come.complete };
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") return { at: 0, whole: false };
    throw error;
  }
}

async function sendPiece(file: Blob, sha256: string, size: number, at: number): Promise<number> {
  const piece = file.slice(at, at + PIECE);
  const answer = await send("PUT", `/files/${sha256}`, {
    body: piece,
    headers: {
      "Content-Type": "application/octet-stream",
      "Upload-Size": String(size),
      "Upload-Offset": String(at),
    },
  });
  const { offset } = (await answer.json()) as { offset: number };
  return offset;
}

/** Fetch a sealed file of a manifest; a broken fetch goes on where it stopped. The hash is checked when it is opened. */
export async function download(file: ManifestFile, got: Sent = () => undefined): Promise<Blob> {
  const parts: Blob[] = [];
  const signal = AbortSignal.timeout(PATIENCE + file.size / SLOWEST);
  let size = 0;
  for (let attempt = 1; size < file.size || parts.length === 0;) {
    try {
      const headers: HeadersInit = size > 0 ? { Range: `bytes=${size}-` } : {};
      const answer = await send("GET", `/files/${file.sha256}`, { headers, signal });
      if (size > 0 && answer.status !== 206) {
        parts.length = 0;
        size = 0;
      }
      const before = size;
      const reader = answer.body?.getReader();
      for (;;) {
        const piece = await reader?.read();
        if (!piece || piece.done) break;
        parts.push(new Blob([Uint8Array.from(piece.value)]));
        size += piece.value.length;
        got(size);
        attempt = 1;
      }
      if (size === before) break; // it answers, and has no more: asking again would go on for ever
    } catch (error) {
      if (signal.aborted) throw unreachable("GET");
      if (!(isPassing(error) || error instanceof TypeError) || attempt++ === TRIES) throw error;
      await new Promise((done) => setTimeout(done, REST * 2 ** attempt));
    }
  }
  if (size !== file.size) {
    throw new Refused(
      `The host sent ${size} bytes of ${file.name} where the author sealed ${file.size}. Nothing was opened.`,
      "Load the page again. If it happens twice, tell whoever runs the host; keepers' kits hold a copy.",
    );
  }
  return new Blob(parts);
}

function isPassing(error: unknown): boolean {
  return error instanceof Refusal && (error.code === "unreachable" || error.code === "busy");
}
