// Names of files that whoever reads has not chosen: as every system keeps them, and as nobody is misled by them.
//
// A container refuses names that leave their folder. What is left here can still stop somebody: a name that Windows
// keeps for itself or cannot hold, one too long for where it is unpacked, or one with characters that are not seen and
// turn the reading round, so that a program looks like a picture.
import { utf8 } from "../signing/bytes.js";

const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/gu;
/** Controls, marks of direction, and what has no width; the joiners stay, which Persian and pictures are written with. */
const FORBIDDEN = /[\\:*?"<>|]/g;
const KEPT_BY_WINDOWS = /^(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])(?= *(?:\.|$))/i;
const MOST_BYTES = 180;
const LONGEST = 100;
/** Characters of one part of a name: Windows takes 260 for the whole path, where it will lie included. */

/** One part of a name, as it can be kept and read everywhere; never empty, never one that means something else. */
function partOf(part: string): string {
  const plain = part.replace(UNSEEN, "").replace(FORBIDDEN, "_").trim().replace(/^\.+/, "_");
  const [, stem = plain, ending = ""] = /^(.+?)(\.[^.]{1,12})?$/su.exec(plain) ?? [];
  const short = shortened(stem, LONGEST - ending.length);
  const kept = `${short}${ending}`.replace(/[. ]+$/, "");
  return kept === "" ? "_" : kept.replace(KEPT_BY_WINDOWS, "_$1");
}

/** At most so many characters, and no more bytes than a file system of today takes. */
function shortened(stem: string, characters: number): string {
  const short = Array.from(stem).slice(0, characters);
  while (utf8(short.join("")).length > MOST_BYTES) short.pop();
  return short.join("");
}

/** A name of a container as every system keeps it: folders stay folders. */
export function keepable(name: string): string {
  return name.split("/").map(partOf).join("/");
}

/** The last part of it: what a browser is asked to save it as. */
export function savedAs(name: string): string {
  return partOf(name.split("/").at(-1) ?? name);
}

/** Names for all of these, no two of which are one on any system, each by the name that it had. */
export function keepableNames(names: Iterable<string>): ReadonlyMap<string, string> {
  const files = new Set<string>();
  const folders = new Set<string>();
  const found = new Map<string, string>();
  for (const name of names) {
    const wished = keepable(name);
    let free = wished;
    for (let number = 2; ; number++) {
      const key = folded(free);
      const above = foldersOf(key);
      // A folder that is called like a file is called otherwise; then the file itself, where it is there already.
      if (above.some((one) => files.has(one))) free = wished.replace("/", `-${number}/`);
      else if (files.has(key) || folders.has(key)) free = numbered(wished, number);
      else {
        files.add(key);
        for (const one of above) folders.add(one);
        break;
      }
    }
    found.set(name, free);
  }
  return found;
}

function foldersOf(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, depth) => parts.slice(0, depth + 1).join("/"));
}

function numbered(name: string, number: number): string {
  const [, stem = name, ending = ""] = /^(.*?)(\.[^./]+)?$/s.exec(name) ?? [];
  return `${stem}-${number}${ending}`;
}

/** What file systems take for the same: letters in either case, composed or not. */
function folded(name: string): string {
  return name.normalize("NFC").toLowerCase().toUpperCase().toLowerCase();
}
