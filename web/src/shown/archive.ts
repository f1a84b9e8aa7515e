// Everything that was opened, as one archive of ordinary files with an index page: to be kept without this host.
import type { Entry, Opened } from "../sealing/container.js";
import { type ZipFile, zip } from "../sealing/zip.js";
import { sizeOf } from "./items.js";
import { keepableNames } from "./names.js";

/** One part of what is kept: its folder in the archive, and what it is called on the index page. */
export interface Part {
  readonly folder: string;
  readonly title: string;
  readonly opened: Opened;
}

const INERT = /\.(txt|png|jpe?g|webp|gif|avif|mp4|webm|mov|m4a|mp3|ogg|oga|opus|wav|flac)$/i;
/** What a browser shows from a folder without running anything in it. A file of any other kind is named and not led to:
 * a page or a drawing would run its scripts here, and a name without an ending would be guessed at. */

/** Return a zip of these parts with `index.html` first. `from` and `opened` (a date in words) stand on that page. */
export async function archive(from: string, opened: string, parts: readonly Part[]): Promise<Blob> {
  const names = parts.map((part) => keepableNames(part.opened.files.keys()));
  const index = indexPage(from, opened, parts, names);
  const files: ZipFile[] = [{ name: "index.html", content: index }];
  for (const [place, part] of parts.entries()) {
    for (const [name, content] of part.opened.files) {
      files.push({ name: `${part.folder}/${names[place]?.get(name) ?? name}`, content });
    }
  }
  return zip(files);
}

/** The page by which the files are found again: no script, no style from elsewhere, and nothing that loads. */
function indexPage(
  from: string,
  opened: string,
  parts: readonly Part[],
  names: readonly ReadonlyMap<string, string>[],
): Blob {
  const sections = parts.map((part, place) => {
    const rows = part.opened.entries.map((entry) => row(entry, part.folder, names[place]?.get(entry.name)));
    return `<h2>${escaped(part.title)}</h2>\n<ul>\n${rows.join("\n")}\n</ul>`;
  });
  const page = `<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>From ${escaped(from)}</title>
<style>body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark;overflow-wrap:anywhere}</style>
<h1>From ${escaped(from)}</h1>
<p>Opened on ${escaped(opened)}. These are ordinary files: keep them as you keep what matters.</p>
${sections.join("\n")}
`;
  return new Blob([page], { type: "text/html" });
}

function row(entry: Entry, folder: string, name = entry.name): string {
  const called = `<bdi>${escaped(entry.title || name)}</bdi>`;
  const size = sizeOf(entry.size);
  if (!INERT.test(name)) return `<li>${called}: ${escaped(`${folder}/${name}`)} (${size})</li>`;
  const address = [folder, ...name.split("/")].map(encodeURIComponent).join("/");
  return `<li><a href="${address}">${called}</a> (${size})</li>`;
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
