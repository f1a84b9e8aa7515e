// A draft of words: what of them is kept on this device while they are written, and how it comes back.
import type { Opened } from "../../sealing/container.js";
import { fromUtf8, utf8 } from "../../signing/bytes.js";
import { mediaOf } from "../../shown/items.js";
import { type Attached, isRecording, transcriptName } from "./attached.js";
import type { Draft } from "./kept.js";

export const LETTER = "letter.txt";
export const NOTE = "note.txt";
export const WISHES_TEXT = "wishes.txt";

/** Everything an author has on the page. */
export interface Written {
  letter: string;
  note: string;
  wishes: string;
  attached: Attached[];
}

/** As it is kept: texts, and of each thing where it comes from. Recordings are kept piece by piece beside it. */
interface Kept {
  readonly at: number;
  readonly letter: string;
  readonly note: string;
  readonly wishes: string;
  readonly things: readonly Thing[];
}

interface Thing {
  readonly name: string;
  readonly media: string;
  readonly title: string;
  readonly from: Attached["from"];
  readonly transcript: string;
}

const PAGE = "page";
const RECORDING = "recording/";

export function nothing(): Written {
  return { letter: "", note: "", wishes: "", attached: [] };
}

/** Keep the page as it stands; gives the moment (milliseconds). */
export async function keepPage(draft: Draft, written: Written): Promise<number> {
  const { letter, note, wishes, attached } = written;
  const things = attached.map(({ name, media, title, from, transcript }) => ({
    ...{ name, media, title, from, transcript },
  }));
  const kept: Kept = { at: Date.now(), letter, note, wishes, things };
  await draft.keep(PAGE, utf8(JSON.stringify(kept)));
  return kept.at;
}

/** When the page was last kept (milliseconds); nothing if there is no draft. */
export async function keptAt(draft: Draft): Promise<number | undefined> {
  return (await pageOf(draft))?.at;
}

async function pageOf(draft: Draft): Promise<Kept | undefined> {
  const data = await draft.read(PAGE);
  return data && (JSON.parse(fromUtf8(data) ?? "null") as Kept | undefined);
}

/** Keep one piece of a recording that runs. */
export async function keepPiece(draft: Draft, name: string, number: number, piece: Blob): Promise<void> {
  const data = new Uint8Array(await piece.arrayBuffer());
  await draft.keep(`${RECORDING}${name}/${String(number).padStart(6, "0")}`, data);
}

/** Forget the pieces of a recording that was left out. */
export async function forgetPieces(draft: Draft, name: string): Promise<void> {
  await draft.forget(`${RECORDING}${name}/`);
}

/** The recordings whose pieces are here, whole or cut off by a phone that went dark. */
async function recordings(draft: Draft): Promise<Map<string, Blob>> {
  const found = new Map<string, Blob[]>();
  for (const at of await draft.names(RECORDING)) {
    const name = at.slice(RECORDING.length).replace(/\/\d+$/, "");
    const data = await draft.read(at);
    if (data) found.set(name, [...(found.get(name) ?? []), new Blob([data])]);
  }
  return new Map([...found].map(([name, pieces]) => [name, new Blob(pieces)]));
}

/** What comes back of a draft, the names of files that have to be chosen once more, and when it was kept. */
export interface Restored {
  readonly written: Written;
  readonly lost: readonly string[];
  readonly at: number | undefined;
}

/**
 * Bring a draft back. `sealed` opens one's own copy, which is asked for only if something of it was kept; where there is
 * none to be had any more, everything else comes back all the same.
 */
export async function restore(
  draft: Draft,
  sealed: () => Promise<Opened | undefined>,
): Promise<Restored | undefined> {
  const page = await pageOf(draft);
  const made = await recordings(draft);
  if (!page && made.size === 0) return undefined;
  const { letter, note, wishes, things } = page ?? { letter: "", note: "", wishes: "", things: [] };
  const opened = things.some(({ from }) => from === "sealed") ? await sealed() : undefined;
  const attached: Attached[] = [];
  const lost: string[] = [];
  for (const thing of things) {
    const content = thing.from === "sealed" ? opened?.files.get(thing.name) : made.get(thing.name);
    if (content) attached.push({ ...thing, content });
    else lost.push(thing.name);
  }
  for (const [name, content] of made) {
    if (attached.some((one) => one.name === name)) continue;
    const media = mediaOf({ name, media: "", size: 0, title: "" });
    attached.push({ name, content, media, title: "Recording", from: "recording", transcript: "" });
  }
  return { written: { letter, note, wishes, attached }, lost, at: page?.at };
}

/** A text to be changed: all of it, however long. Nothing for a file that is no text, whatever it is called. */
async function wholeText({ files }: Opened, name: string): Promise<string | undefined> {
  const file = files.get(name);
  return file && fromUtf8(new Uint8Array(await file.arrayBuffer()));
}

/** What was sealed before, as it stands on the page. Nothing is left out: it would be gone when it is sealed again. */
export async function fromSealed(words: Opened, wishes: Opened | undefined): Promise<Written> {
  const written = nothing();
  const letter = await wholeText(words, LETTER);
  written.letter = letter ?? "";
  if (wishes) {
    written.note = (await wholeText(wishes, NOTE)) ?? "";
    written.wishes = (await wholeText(wishes, WISHES_TEXT)) ?? "";
  }
  const transcripts = new Set<string>();
  for (const entry of words.entries) {
    const content = words.files.get(entry.name);
    if ((entry.name === LETTER && letter !== undefined) || !content) continue;
    const { name, media, title } = entry;
    const besides = isRecording(entry) && transcriptName(name) !== LETTER;
    const transcript = besides ? await wholeText(words, transcriptName(name)) : undefined;
    if (transcript !== undefined) transcripts.add(transcriptName(name));
    written.attached.push({ name, content, media, title, from: "sealed", transcript: transcript ?? "" });
  }
  written.attached = written.attached.filter(({ name }) => !transcripts.has(name));
  return written;
}
