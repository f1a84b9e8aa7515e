// Showing what was opened: letters as text, recordings and pictures from memory, everything to be saved.
import type { Entry, Opened } from "../src/sealing/container.js";
import { el } from "./dom.js";

const LONGEST_LETTER = 1 << 20;
const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];
const BY_ENDING: Readonly<Record<string, string>> = {
  txt: "text/plain",
  md: "text/plain",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  ogg: "audio/ogg",
  oga: "audio/ogg",
  opus: "audio/ogg",
  wav: "audio/wav",
  flac: "audio/flac",
  mp4: "video/mp4",
  webm: "video/webm",
  mov: "video/quicktime",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
};

/** Return what to show of one opened part: every item in the order in which it was written. */
export async function itemsOf(heading: string, { entries, files }: Opened): Promise<HTMLElement[]> {
  const parts: HTMLElement[] = heading === "" ? [] : [el("h3", { className: "part" }, heading)];
  for (const entry of entries) parts.push(await itemOf(entry, files.get(entry.name) ?? new Blob()));
  return parts;
}

async function itemOf(entry: Entry, file: Blob): Promise<HTMLElement> {
  const name = entry.name.split("/").at(-1) ?? entry.name;
  const title = entry.title || entry.name;
  const item = el("article", { className: "item" }, el("h3", {}, title));
  const shown = await view(entry, file, title);
  if (shown) item.append(shown);
  // What is saved is handed over as bytes of no kind, so that no browser opens it here as a page.
  const bytes = new Blob([file], { type: "application/octet-stream" });
  const save = el(
    "a",
    { className: "link", href: URL.createObjectURL(bytes), download: name },
    `Save ${name}`,
  );
  item.append(el("p", { className: "quiet" }, save, ` (${sizeOf(entry.size)})`));
  return item;
}

async function view(entry: Entry, file: Blob, title: string): Promise<HTMLElement | undefined> {
  const ending = entry.name.split(".").at(-1)?.toLowerCase() ?? "";
  const media = (entry.media.split(";")[0] ?? "").trim().toLowerCase() || BY_ENDING[ending] || "";
  if (media === "text/plain" && entry.size <= LONGEST_LETTER) {
    return el("div", { className: "words", dir: "auto" }, await file.text());
  }
  const from = (): string => URL.createObjectURL(new Blob([file], { type: media }));
  if (media.startsWith("audio/")) return el("audio", { controls: true, src: from(), title });
  if (media.startsWith("video/")) return el("video", { controls: true, src: from(), title });
  if (PICTURES.includes(media)) return el("img", { src: from(), alt: title });
  return undefined;
}

/** A size as people say it. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  const units = ["kB", "MB", "GB", "TB"];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit] ?? ""}`;
}
