// Twin of src/lastwords/cli/cards.py and recipient.py: a recipient's key is made here, printed on a card to be handed
// over, and forgotten. Until the author says that it is on paper, it lies on this device, locked.
import { part, post } from "../../client/api.js";
import { el, given } from "../../client/dom.js";
import type { Me } from "../../client/me.js";
import { PersonKeys } from "../../sealing/person.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import { fromUtf8, utf8 } from "../../signing/bytes.js";
import { EFF_LARGE, eightWords } from "../../signing/fingerprints.js";
import { fetchList } from "../../signing/lists.js";
import { square } from "../account/picture.js";
import { Draft } from "./kept.js";
import { pinThem } from "./invite.js";

/** A card that is not on paper yet. `handle` is empty until the host knows of the person. */
export interface Unprinted {
  readonly handle: string;
  readonly name: string;
  readonly mail: string;
  readonly secretKey: string;
}

const SUBJECT = "cards";
const NEW = "new";

/** Make somebody's key and let the host know of them. Sent again after a broken line, it is the same person. */
export async function makeCard(me: Me, name: string, mail: string): Promise<Unprinted> {
  const draft = await Draft.of(me.handle, SUBJECT, me.keys);
  const begun = await cardOf(draft, NEW);
  const same = begun?.name === name && begun.mail === mail;
  const { secretKey } = same ? begun : PersonKeys.new();
  // Kept before the host hears of it: words sealed to a key that nobody holds could never be opened.
  await draft.keep(NEW, utf8(JSON.stringify({ handle: "", name, mail, secretKey })));
  const {
    sealing: public_key,
    signing: signing_key,
    signIn: sign_in_key,
  } = PersonKeys.fromCard(secretKey).public;
  const { handle } = await post<{ handle: string }>(`/watches/${part(me.handle)}/recipients`, {
    ...{ name, zone: given("zone"), public_key, signing_key, sign_in_key },
    channels: mail ? [{ kind: "mail", address: mail }] : [],
  });
  const made = { handle, name, mail, secretKey };
  await draft.keep(`card/${handle}`, utf8(JSON.stringify(made)));
  await draft.forget(NEW);
  return made;
}

/** The cards that are not on paper yet. */
export async function unprinted(me: Me): Promise<Unprinted[]> {
  const draft = await Draft.of(me.handle, SUBJECT, me.keys);
  const found = await Promise.all((await draft.names("card/")).map((name) => cardOf(draft, name)));
  return found.filter((one) => one !== undefined);
}

async function cardOf(draft: Draft, name: string): Promise<Unprinted | undefined> {
  const data = await draft.read(name);
  return data && (JSON.parse(fromUtf8(data) ?? "null") as Unprinted);
}

/** The card is on paper: from now on words can be sealed to its key, and this device forgets it. */
export async function isOnPaper(me: Me, card: Unprinted): Promise<void> {
  await pinThem(me, card.handle, PersonKeys.fromCard(card.secretKey).public, "card");
  const draft = await Draft.of(me.handle, SUBJECT, me.keys);
  await draft.forget(`card/${card.handle}`);
}

/** The card to be printed. Its lines are those of the command line, so that either reads the other's. */
export async function printed(me: Me, card: Unprinted): Promise<Node[]> {
  await Promise.all([fetchList(SLIP39_WORDS), fetchList(EFF_LARGE)]);
  const keys = PersonKeys.fromCard(card.secretKey);
  const { fingerprint } = me.keys.signing.public;
  const lines = [
    `Host: ${location.origin}`,
    `Handle: ${card.handle}`,
    `Name: ${card.name}`,
    `Zone: ${given("zone")}`,
    `Author: ${me.handle}`,
    `Author's fingerprint: ${fingerprint}`,
    `In words: ${eightWords(fingerprint).join(" ")}`,
    `Printed on: ${new Date().toISOString().slice(0, 10)}`,
  ];
  const list = el("ol", { class: "sheet-words", translate: "no" });
  list.append(...keys.words().map((word) => el("li", {}, word)));
  return [
    el("h2", {}, `Card of ${card.name}`),
    el(
      "p",
      {},
      `This card is for you alone. ${given("name")} wrote words that may be for you one day. It opens nothing by itself: `,
      `they stay closed until people whom ${given("name")} trusts agree. Keep it as you keep other papers that matter; `,
      "nobody will ever ask you to send it, or a picture of it. When one of those people has spoken with you, open the ",
      "address below, choose “Sign in” and “Use a sheet or card”.",
    ),
    el("figure", {}, square(card.secretKey, "The secret key as a square to scan")),
    el("p", { class: "code" }, lines.join("\n")),
    el("p", { class: "code", translate: "no" }, card.secretKey),
    el("p", {}, "The same key as 33 words:"),
    list,
    el("p", {}, "Whom to call (write a name and number in by hand):"),
    el("p", { class: "dotted" }),
    el(
      "p",
      { class: "small" },
      "Without this software: save the line AGE-SECRET-KEY-PQ-1… in a file, and use it with age 1.3 or newer.",
    ),
  ];
}
