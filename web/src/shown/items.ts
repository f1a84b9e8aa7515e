// Opened words as they are shown: letters as text, recordings and pictures by the browser's own means, the rest to keep.
//
// What was sealed is somebody's file and no page of ours. Nothing of it is ever read as markup or script: text is laid
// out letter by letter, and pictures, sound and film are given to elements that run nothing and load nothing. The pages
// of a host and the offline opener show words by this one file.
import { el } from "../client/dom.js";
import { fromUtf8 } from "../signing/bytes.js";
import type { Entry, Opened } from "../sealing/container.js";
import { markdown, plainText } from "./markdown.js";
import { savedAs } from "./names.js";

const SHOWN_AT_MOST = 2 << 20;
/** Bytes of a text that are shown; a longer one is there to keep. */

const PICTURES = ["image/png", "image/jpeg", "image/webp", "image/gif", "image/avif"];
const ENDINGS: Readonly<Record<string, string>> = {
  txt: "text/plain",
  md: "text/markdown",
  vtt: "text/vtt",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  gif: "image/gif",
  avif: "image/avif",
  mp4: "video/mp4",
  webm: "video/webm",
  mov: "video/quicktime",
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  oga: "audio/ogg",
  opus: "audio/ogg",
  wav: "audio/wav",
  flac: "audio/flac",
};

/** How items are shown: under which headings, and whether each can be saved by itself. */
export interface Manner {
  readonly heading: "h2" | "h3";
  readonly saveEach: boolean;
}

const ON_A_PAGE: Manner = { heading: "h2", saveEach: false };

/** The media type of an item: what its index says, or what its name's ending means. */
export function mediaOf(entry: Entry): string {
  const said = (entry.media.split(";")[0] ?? "").trim().toLowerCase();
  const ending = /\.([a-z0-9]+)$/i.exec(entry.name)?.[1]?.toLowerCase() ?? "";
  return said === "" || said === "application/octet-stream" ? (ENDINGS[ending] ?? "") : said;
}

/** Show everything that was opened: letters first, then recordings and pictures, then the files to keep. */
export async function items(opened: Opened, manner = ON_A_PAGE): Promise<DocumentFragment> {
  const made = document.createDocumentFragment();
  const captions = new Map(
    opened.entries
      .filter((entry) => mediaOf(entry) === "text/vtt")
      .map((entry) => [stem(entry.name), entry.name]),
  );
  const spoken = new Set<string>();
  const ranked = opened.entries
    .map((entry, place) => ({ entry, place }))
    .sort((one, other) => rank(one.entry) - rank(other.entry) || one.place - other.place);
  const rest: Entry[] = [];
  // Recordings first, so that what is said in them is not shown a second time as a letter.
  for (const entry of opened.entries.filter(isRecording)) {
    const said = transcriptOf(opened, entry);
    if (said) spoken.add(said.name);
    const shownWith = captions.get(stem(entry.name));
    if (shownWith !== undefined) spoken.add(shownWith);
  }
  for (const { entry } of ranked) {
    const file = opened.files.get(entry.name);
    if (!file) continue;
    const shown = spoken.has(entry.name)
      ? undefined
      : await itemOf(opened, entry, file, captions.get(stem(entry.name)), manner);
    if (shown) {
      if (manner.saveEach) shown.append(saving(entry, file));
      made.append(shown);
    } else if (manner.saveEach || !spoken.has(entry.name)) {
      rest.push(entry);
    }
  }
  if (rest.length > 0) made.append(toKeep(opened, rest, manner));
  return made;
}

/** The text of an item that is a text, or nothing. */
export async function textOf(opened: Opened, name: string): Promise<string | undefined> {
  const file = opened.files.get(name);
  return file && file.size <= SHOWN_AT_MOST ? fromUtf8(new Uint8Array(await file.arrayBuffer())) : undefined;
}

function rank(entry: Entry): number {
  const media = mediaOf(entry);
  if (media.startsWith("text/")) return 0;
  if (isRecording(entry)) return 1;
  return PICTURES.includes(media) ? 2 : 3;
}

function isRecording(entry: Entry): boolean {
  return /^(audio|video)\//.test(mediaOf(entry));
}

function stem(name: string): string {
  return name.replace(/\.[^./]+$/, "");
}

/** A recording's transcript: the text that has its name, as in `recording.mp4` and `recording.txt`. */
function transcriptOf(opened: Opened, entry: Entry): Entry | undefined {
  return opened.entries.find(
    (one) => one !== entry && stem(one.name) === stem(entry.name) && mediaOf(one) === "text/plain",
  );
}

async function itemOf(
  opened: Opened,
  entry: Entry,
  file: Blob,
  captions: string | undefined,
  manner: Manner,
): Promise<HTMLElement | undefined> {
  const media = mediaOf(entry);
  if (media === "text/plain" || media === "text/markdown") {
    const text = await textOf(opened, entry.name);
    if (text === undefined) return undefined;
    const written = media === "text/markdown" ? markdown(text) : plainText(text);
    return el("section", { class: "item" }, heading(entry, manner), wordsOf(written));
  }
  if (isRecording(entry)) return recording(opened, entry, file, captions, manner);
  if (PICTURES.includes(media)) {
    const picture = el("img", { src: addressOf(file, media), alt: entry.title || entry.name });
    return el("figure", { class: "item" }, picture, el("figcaption", {}, entry.title || entry.name));
  }
  return undefined;
}

/** Somebody's text. It may be written from right to left, and turns nothing round that stands beside it. */
function wordsOf(written: DocumentFragment): HTMLElement {
  return el("div", { class: "words", dir: "auto" }, written);
}

async function recording(
  opened: Opened,
  entry: Entry,
  file: Blob,
  captions: string | undefined,
  manner: Manner,
): Promise<HTMLElement> {
  const media = mediaOf(entry);
  const player = el(media.startsWith("video/") ? "video" : "audio", {
    controls: true,
    preload: "metadata",
    src: addressOf(file, media),
    "aria-label": entry.title || entry.name,
  });
  const captionFile = captions === undefined ? undefined : opened.files.get(captions);
  if (captionFile) {
    const track = {
      kind: "captions",
      label: "Captions",
      default: true,
      src: addressOf(captionFile, "text/vtt"),
    };
    player.append(el("track", track));
  }
  const shown = el("section", { class: "item" }, heading(entry, manner), player);
  const transcript = transcriptOf(opened, entry);
  const said = transcript ? await textOf(opened, transcript.name) : undefined;
  if (said !== undefined) {
    shown.append(el("details", {}, el("summary", {}, "Read what is said"), wordsOf(plainText(said))));
  }
  return shown;
}

function toKeep(opened: Opened, entries: readonly Entry[], { heading: level }: Manner): HTMLElement {
  const list = el("ul", { class: "rows" });
  for (const entry of entries) {
    const file = opened.files.get(entry.name);
    if (!file) continue;
    const title = entry.title === "" ? [] : [el("bdi", {}, entry.title), el("br")];
    list.append(el("li", {}, el("span", { class: "what" }, ...title, ...savingOf(entry, file))));
  }
  return el("section", { class: "item" }, el(level, {}, "Files"), list);
}

function saving(entry: Entry, file: Blob): HTMLElement {
  return el("p", { class: "quiet" }, ...savingOf(entry, file));
}

/** The link that saves an item, and its size. */
function savingOf(entry: Entry, file: Blob): HTMLElement[] {
  const name = savedAs(entry.name);
  // Whatever it is, it is handed over as bytes: a browser must not be asked to show a stranger to this page.
  const href = addressOf(file, "application/octet-stream");
  const link = el("a", { href, download: name, class: "save" }, "Save ", el("bdi", {}, name));
  return [link, el("span", { class: "hint" }, ` ${sizeOf(file.size)}`)];
}

function heading(entry: Entry, { heading: level }: Manner): HTMLElement {
  return el(level, { dir: "auto" }, entry.title || stem(entry.name));
}

function addressOf(file: Blob, media: string): string {
  return URL.createObjectURL(new Blob([file], { type: media }));
}

/** A size in bytes as people read it. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
