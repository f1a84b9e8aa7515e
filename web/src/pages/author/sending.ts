// Twin of src/lastwords/cli/sending.py: words on their way to the host. Sealed and laid down on this device, sent in
// pieces, then put in force by one request. What is laid down is whole, and can be sent at any time: nothing of it is
// secret any more.
import { part, post, read, type Body, Refusal } from "../../client/api.js";
import { upload } from "../../client/files.js";
import type { Me } from "../../client/me.js";
import { hashOf } from "../../sealing/hashed.js";
import { OWN_FILES, shareName, type Version } from "../../sealing/tracks.js";
import { fromUtf8, utf8 } from "../../signing/bytes.js";
import { read as readDocument, type Signed } from "../../signing/documents.js";
import { hasWishes, Manifest, PARTS, WISHES, WORDS } from "../../signing/manifest.js";
import { inRoom, namesIn, place } from "./kept.js";

/** A file that the host keeps, as its rows name it. */
export interface FileRow {
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
}

/** Files the host holds from the version before: share files and own copies. Nothing for new keys. */
export interface Before {
  readonly shares: readonly FileRow[];
  readonly own: readonly FileRow[];
}

/** A whole version that is to be sent, with the request that puts it in force. */
export interface Posting {
  readonly track: string;
  readonly recipient: string;
  readonly number: number;
  /** When it was sealed, in milliseconds: a draft that is younger holds something else. */
  readonly at: number;
  readonly manifest: string;
  readonly post: Body;
  readonly own: Record<string, string>;
  readonly files: readonly Blob[];
}

/** Told how many bytes of how many have been sent. */
export type OnTheWay = (sent: number, total: number) => void;

/** Lay a version down, whole: from here on a broken line loses nothing. `adult` is who is with a child. */
export async function layDown(me: Me, version: Version, before?: Before, adult?: string): Promise<Posting> {
  const posting = await posted(version, before ?? { shares: [], own: [] }, adult);
  await inRoom("sealed", "readwrite", (store) => store.put(posting, place(me.handle, posting.track)));
  return posting;
}

async function posted(version: Version, before: Before, adult?: string): Promise<Posting> {
  const { document, data } = version.signed;
  const files: Blob[] = [];
  const taken = async (name: string): Promise<string | undefined> => {
    const file = version.files.get(name);
    if (!file) return undefined;
    files.push(file);
    return (await hashOf(file))[0];
  };
  for (const { name } of document.files) await taken(name);
  const shares: Record<string, Record<string, string>> = {};
  for (const seat of document.roster) {
    const theirs = (shares[seat.keeper] = {}) as Record<string, string>;
    for (const each of PARTS) {
      const kept = before.shares.find(({ name }) => name === `${each}/${seat.keeper}`)?.sha256;
      const hash = (await taken(shareName(seat.index, each))) ?? kept;
      if (hash !== undefined) theirs[each] = hash;
    }
  }
  const own: Record<string, string> = Object.fromEntries(
    before.own.map(({ name, sha256 }) => [name, sha256]),
  );
  for (const each of PARTS) {
    const hash = await taken(OWN_FILES[each]);
    if (hash !== undefined) own[each] = hash;
  }
  if (!hasWishes(document)) Reflect.deleteProperty(own, WISHES);
  const manifest = fromUtf8(data) ?? "";
  const post = {
    manifest,
    shares,
    ...(WORDS in own ? { own } : {}),
    ...(document.alternate_of === null ? {} : { instead_of: document.alternate_of }),
    ...(adult ? { adult } : {}),
  };
  const { track, recipient, number } = document;
  return { track, recipient, number, at: Date.now(), manifest, post, own: WORDS in own ? own : {}, files };
}

/** What was laid down and not sent to the end. */
export async function waiting(handle: string): Promise<Posting[]> {
  const found: Posting[] = [];
  for (const at of await namesIn("sealed", `${handle}\n`)) {
    const one = await inRoom<Posting | undefined>("sealed", "readonly", (store) => store.get(at));
    if (one) found.push(one);
  }
  return found;
}

/**
 * Send a posting and let the host put it in force; then it goes.
 *
 * When the host refuses it, the version before stays in force and the posting goes too. When the line breaks or a
 * session ends, it stays, and is sent on from where it was.
 */
export async function send(me: Me, posting: Posting, onTheWay: OnTheWay): Promise<Signed<Manifest>> {
  const signed = readDocument(utf8(posting.manifest), Manifest, me.keys.signing.public);
  try {
    if (!(await inForce(me, signed))) {
      await sendFiles(posting.files, onTheWay);
      await post(`/watches/${part(me.handle)}/words`, posting.post);
    }
  } catch (error) {
    if (error instanceof Refusal && JUDGED.includes(error.status)) await forget(me.handle, posting.track);
    throw error;
  }
  await me.pins.see([signed]);
  await me.pins.keepOwnCopies(posting.track, posting.number, posting.own);
  await forget(me.handle, posting.track);
  return signed;
}

/** Answers that say of this very version that it will never do. */
const JUDGED = [400, 404, 409, 413, 422];

async function forget(handle: string, track: string): Promise<void> {
  await inRoom("sealed", "readwrite", (store) => store.delete(place(handle, track)));
}

async function sendFiles(files: readonly Blob[], onTheWay: OnTheWay): Promise<void> {
  const total = files.reduce((size, file) => size + file.size, 0);
  let done = 0;
  for (const file of files) {
    await upload(file, (sent) => {
      onTheWay(done + sent, total);
    });
    done += file.size;
  }
}

/** Whether the host has this very version already: an earlier answer was lost on the way. */
async function inForce(me: Me, signed: Signed<Manifest>): Promise<boolean> {
  const rows = await read<{ track: string; sha256: string }[]>(`/watches/${part(me.handle)}/words`);
  return rows.some(({ track, sha256 }) => track === signed.document.track && sha256 === signed.digest);
}
