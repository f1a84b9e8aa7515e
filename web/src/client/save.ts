// A file that was made on this page, handed to the browser to save.
import { el } from "./dom.js";

/** Milliseconds after which the page lets go of it: whatever saves it has it by then. */
const LET_GO = 60_000;

/** Hand a file to the browser under this name. Where it goes, and whether somebody is asked, is the browser's. */
export function handOver(file: Blob, name: string): void {
  const href = URL.createObjectURL(file);
  el("a", { href, download: name }).click();
  setTimeout(() => {
    URL.revokeObjectURL(href);
  }, LET_GO);
}
