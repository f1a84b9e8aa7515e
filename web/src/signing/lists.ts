// Long lists of words are not part of any script: a page fetches one, or is handed its text, before it is needed.
import { sha256Hex, utf8 } from "./bytes.js";

/** A list as we know it: the name of its file, how many words, and the SHA-256 of the file. */
export interface List {
  readonly name: string;
  readonly length: number;
  readonly sha256: string;
}

interface Learnt {
  readonly words: readonly string[];
  readonly places: ReadonlyMap<string, number>;
}

const known = new Map<string, Learnt>();

/** Take the text of a list. Throws if it is not, byte for byte, the one we know. */
export function learn(list: List, text: string): void {
  const words = text.trim().split(/\s+/);
  if (words.length !== list.length || sha256Hex(utf8(text)) !== list.sha256) {
    throw new Error(`${list.name} is not the list of words that belongs here.`);
  }
  known.set(list.name, { words, places: new Map(words.map((word, place) => [word, place])) });
}

/** Fetch a list from this host, once. `folder` is where its scripts and lists lie. */
export async function fetchList(list: List, folder = "/static/"): Promise<void> {
  if (known.has(list.name)) return;
  const answer = await fetch(`${folder}${list.name}?v=${list.sha256.slice(0, 12)}`);
  if (!answer.ok) throw new Error(`${list.name} could not be fetched.`);
  learn(list, await answer.text());
}

/** The words of a list that was learnt before, and the place of each. */
export function learnt(list: List): Learnt {
  const found = known.get(list.name);
  if (!found) throw new Error(`${list.name} is needed and was not fetched before.`);
  return found;
}
