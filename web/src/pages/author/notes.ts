// Twin of src/lastwords/cli/notes.py: emergency notes, for keepers and never for recipients. They are sealed here to every
// verified keeper, then covered with a key made for this one time, which is all that the host can take off.
import { part, put, read } from "../../client/api.js";
import { typed } from "../../client/dom.js";
import { type Me, now } from "../../client/me.js";
import { comingBack, putBack } from "../../client/typed.js";
import { items } from "../../sealing/container.js";
import * as sealedNotes from "../../sealing/notes.js";
import { utf8 } from "../../signing/bytes.js";
import { digest } from "../../signing/canonical.js";
import { read as readDocument } from "../../signing/documents.js";
import { fingerprint } from "../../signing/fingerprints.js";
import { EmergencyNotes } from "../../signing/notes.js";
import { Refused } from "../../signing/refusals.js";
import { form } from "../account/form.js";
import { locked, reveal } from "./pages.js";
import { padded, readersOf } from "./sheet.js";
import { TEXT } from "./attached.js";

export async function notes(): Promise<void> {
  const me = await locked();
  if (!me) return;
  const shown = form("notes", {
    text: "Sealing.",
    places: { here: "text" },
    work: async (typing) => {
      const text = typed(typing, "text");
      if (text === "")
        throw new Refused("Nothing is written, so nothing was sealed.", "Write what they may need.");
      const sealedTo = await comingBack(() => seal(me, text));
      location.assign(`/sheets?sealed=${encodeURIComponent(String(sealedTo))}`);
    },
  });
  reveal();
  if (shown) await putBack(shown);
}

async function seal(me: Me, text: string): Promise<number> {
  const readers = await readersOf(me);
  const item = { name: "notes.txt", content: utf8(text), media: TEXT, title: "Emergency notes" };
  const sealed = await sealedNotes.seal(items([item]), [...readers.values()]);
  const covered = await sealedNotes.cover(sealed);
  const document = me.sign(EmergencyNotes, {
    author: me.handle,
    number: (await numberBefore(me)) + 1,
    sha256: digest(sealed),
    readers: [...readers].map(([keeper, key]) => ({ keeper, sealing: fingerprint(key) })),
    moment: now(),
  });
  const body = { document, covered: padded(covered.data), cover: covered.secretKey };
  await put(`/watches/${part(me.handle)}/glass/notes`, body);
  const signed = readDocument(utf8(document), EmergencyNotes, me.keys.signing.public);
  await me.pins.seeNotes(me.handle, signed.document.number, signed.digest);
  return readers.size;
}

/**
 * The highest number that this author has signed, as the host shows it or as this browser knows, also when a restored
 * host, or a lying one, knows of none so high; 0 without any.
 */
async function numberBefore(me: Me): Promise<number> {
  return Math.max(await numberAtHost(me), me.pins.notesSeen(me.handle));
}

async function numberAtHost(me: Me): Promise<number> {
  const kept = await read<{ document: string | null }>(`/watches/${part(me.handle)}/glass/notes`);
  if (kept.document === null) return 0;
  return readDocument(utf8(kept.document), EmergencyNotes, me.keys.signing.public).document.number;
}
