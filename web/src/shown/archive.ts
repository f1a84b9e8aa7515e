// Everything that was opened, as one archive of ordinary files with an index page: to be kept without this host.
import type { Opened } from "../sealing/container.js";
import { type ZipFile, zip } from "../sealing/zip.js";
import { sizeOf } from "./items.js";

/** One part of what is kept: its folder in the archive, and what it is called on the index page. */
export interface Part {
  readonly folder: string;
  readonly title: string;
  readonly opened: Opened;
}

/** Return a zip of these parts with `index.html` first. `from` and `opened` (a date in words) stand on that page. */
export async function archive(from: string, opened: string, parts: readonly Part[]): Promise<Blob> {
  const files: ZipFile[] = [{ name: "index.html", content: indexPage(from, opened, parts), long: false }];
  for (const part of parts) {
    for (const [name, content] of part.opened.files) {
      files.push({ name: `${part.folder}/${name}`, content, long: false });
    }
  }
  return zip(files);
}

/** The page by which the files are found again: no script, no style from elsewhere, and nothing that loads. */
function indexPage(from: string, opened: string, parts: readonly Part[]): Blob {
  const sections = parts.map((part) => {
    const rows = part.opened.entries.map((entry) => {
      const address = [part.folder, ...entry.name.split("/")].map(encodeURIComponent).join("/");
      return `<li><a href="${address}">${escaped(entry.title || entry.name)}</a> (${sizeOf(entry.size)})</li>`;
    });
    return `<h2>${escaped(part.title)}</h2>\n<ul>\n${rows.join("\n")}\n</ul>`;
  });
  const page = `<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>From ${escaped(from)}</title>
<style>body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}</style>
<h1>From ${escaped(from)}</h1>
<p>Opened on ${escaped(opened)}. These are ordinary files: keep them as you keep what matters.</p>
${sections.join("\n")}
`;
  return new Blob([page], { type: "text/html" });
}

function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
