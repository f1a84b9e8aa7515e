// Twin of src/lastwords/cli/seat.py: a keeper leaves, and hands their seat and shares to somebody else without the author.
//
// The shares are opened and sealed again in this browser. Something other than the host has to stand for the successor's
// keys: a pin, the author's word for an alternate, or eight words that the successor reads aloud and this keeper types.
import { part, post, read } from "../../client/api.js";
import { given, typed } from "../../client/dom.js";
import { Me, type Shown } from "../../client/me.js";
import { sealBytes } from "../../sealing/age/files.js";
import { PublicKeys } from "../../sealing/person.js";
import { openShare } from "../../sealing/shares.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import { handedTo, KEEPER } from "../../signing/act.js";
import { utf8 } from "../../signing/bytes.js";
import { read as readDocument } from "../../signing/documents.js";
import { EFF_LARGE, fingerprint } from "../../signing/fingerprints.js";
import { fetchList } from "../../signing/lists.js";
import { Refused } from "../../signing/refusals.js";
import { Vouching } from "../../signing/vouching.js";
import { checked, type Checked } from "./checked.js";
import { type Held, held, partsOf } from "./held.js";
import { base64Of, ToMend } from "./running.js";

interface Alternate {
  readonly handle: string;
  readonly vouching: string | null;
}

export function seatPage(): void {
  checked("pass", "Looking at their keys and your shares.", pass);
}

async function pass(form: HTMLFormElement): Promise<Checked> {
  const author = given("author");
  const me = await Me.here();
  const successor = typed(form, "successor");
  if (!successor) throw new ToMend([{ field: "successor", text: "Enter the name they sign in with" }]);
  const shown = await me.shownKeys(successor);
  await stood(me, author, shown, typed(form, "eight"));
  const going = (await held(me, author)).filter(({ manifest }) => manifest.document.recipient !== successor);
  return {
    title: "Look at it once more before you sign",
    rows: [
      ["Your seat goes to", `${shown.name} (${successor})`],
      ["Your shares", `${going.length} sealed again, to their key`],
      ["Yours", "count no more, from now on"],
    ],
    note: "It cannot be taken back by you. The author is told, and can seal with new keys.",
    button: "Hand my seat on",
    busy: "Opening your shares, and sealing them to the new keeper.",
    work: async () => {
      await handOn(me, author, shown, going);
      return {
        title: `Your seat is ${shown.name}'s now`,
        lines: [`Ask ${shown.name} to prove the shares on their own page. Then delete the kits you saved.`],
      };
    },
  };
}

async function handOn(me: Me, author: string, to: Shown, going: readonly Held[]): Promise<void> {
  const body = handedTo(fingerprint(to.public_key), fingerprint(to.signing_key), fingerprint(to.sign_in_key));
  const document = me.signAct("leave seat", author, KEEPER, { subject: to.handle, body });
  await fetchList(SLIP39_WORDS);
  const shares = [];
  for (const one of going) shares.push(await sealedTo(me, one, to.public_key));
  await post(`/watches/${part(author)}/seat`, { successor: to.handle, document, shares });
}

/** The shares of a track, opened, checked against what the author committed to, and sealed to the successor. */
async function sealedTo(me: Me, one: Held, key: string): Promise<Readonly<Record<string, string>>> {
  const manifest = one.manifest.document;
  const found: Record<string, string> = { track: manifest.track };
  for (const [name, data] of partsOf(one)) {
    const share = await openShare(data, me.keys, manifest, one.place.keeper, name);
    found[name] = base64Of(await sealBytes(share.encode(), [key]));
  }
  return found;
}

/** Refuse keys for which nothing but the host stands. */
async function stood(me: Me, author: string, shown: Shown, typedWords: string): Promise<void> {
  if (typedWords) {
    await fetchList(EFF_LARGE);
    const keys = new PublicKeys(shown.public_key, shown.signing_key, shown.sign_in_key);
    if (typedWords.toLowerCase().split(/\s+/).join(" ") !== keys.eightWords.join(" ")) {
      throw new ToMend([
        {
          field: "eight",
          text: `These are not the eight words of the keys that the host keeps for ${shown.name}. Let them read them again; if they still differ, tell the author`,
        },
      ]);
    }
    const { public_key, signing_key } = shown;
    const signing = fingerprint(signing_key);
    await me.pins.keep(shown.handle, { signing, how: "eight words", public_key, signing_key });
    return;
  }
  if (me.pins.person(shown.handle)?.public_key !== undefined) return;
  if (await vouched(me, author, shown)) return;
  throw new Refused(
    `Nothing but the host stands for the keys of ${shown.name}; nothing was handed on.`,
    `Call ${shown.name}, let them read their eight words aloud, and type them here.`,
  );
}

/** Whether the author signed for exactly these keys of an alternate. */
async function vouched(me: Me, author: string, shown: Shown): Promise<boolean> {
  const { alternates } = await read<{ alternates: readonly Alternate[] }>(`/watches/${part(author)}/seat`);
  const word = alternates.find(({ handle }) => handle === shown.handle)?.vouching;
  if (!word) return false;
  const { document } = readDocument(utf8(word), Vouching, await me.authorKey(author));
  const said = [document.author, document.keeper, document.sealing, document.signing, document.sign_in];
  const meant = [
    author,
    shown.handle,
    ...[shown.public_key, shown.signing_key, shown.sign_in_key].map(fingerprint),
  ];
  return said.join("\n") === meant.join("\n");
}
