// Twin of src/lastwords/signing/notes.py: the author's word for their emergency notes.
import { type DocumentOf, kindOf } from "./documents.js";
import { count, digest, identifier, many, moment, type Read, record, refuse } from "./shapes.js";

/** The most keepers, alternates among them, to whom notes are sealed. */
export const MOST_READERS = 64;

const readerFields = { keeper: identifier, sealing: digest };
/** One keeper who can open the notes once they are uncovered: who, and the fingerprint of their sealing key. */
export type NotesReader = Read<typeof readerFields>;

/** `sha256` is the hash of the notes sealed to their readers, beneath the cover; `number` rises by one. */
export type EmergencyNotes = DocumentOf<typeof EmergencyNotes>;
export const EmergencyNotes = kindOf(
  "emergency-notes",
  {
    author: identifier,
    number: count(1),
    sha256: digest,
    readers: many(record(readerFields), MOST_READERS),
    moment,
  },
  (notes) => {
    for (const what of ["keeper", "sealing"] as const) {
      const found = notes.readers.map((reader) => reader[what]);
      if (found.length === 0 || new Set(found).size !== found.length) {
        throw refuse(`emergency-notes.readers.${what}`, "there, and each once");
      }
    }
  },
);

/** This keeper's place among the readers, nothing for somebody to whom the notes are not sealed. */
export function readerOf(notes: EmergencyNotes, keeper: string): NotesReader | undefined {
  return notes.readers.find((reader) => reader.keeper === keeper);
}
