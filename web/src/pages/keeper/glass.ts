// Twin of src/lastwords/cli/glass.py: break glass. It opens the author's emergency notes and never the words.
//
// Without the card everyone is alarmed first and a wait runs; with the card its own copy opens here at once, and everyone
// is told. A host's word is not enough for any of it: the notes are those that the author signed for, and no older ones.
import { part, post, put, read } from "../../client/api.js";
import { doing, el, find, get, given, show, whenSent } from "../../client/dom.js";
import { Me } from "../../client/me.js";
import { unlocked } from "../../client/unlocked.js";
import { ContainerRefused, NotesRefused, SealedFileRefused } from "../../sealing/refusals.js";
import * as sealedNotes from "../../sealing/notes.js";
import type { Opened } from "../../sealing/container.js";
import { AUTHOR, KEEPER } from "../../signing/act.js";
import { type Bytes, utf8 } from "../../signing/bytes.js";
import { digest } from "../../signing/canonical.js";
import { read as readDocument } from "../../signing/documents.js";
import { fingerprint } from "../../signing/fingerprints.js";
import { EmergencyNotes, readerOf } from "../../signing/notes.js";
import { Refused } from "../../signing/refusals.js";
import { items } from "../../shown/items.js";
import { checked, checkedForm, type Checked } from "./checked.js";
import { restoring } from "./restoring.js";
import { base64Of, bytesOf, problemsOf, ToMend } from "./running.js";

interface Cover {
  readonly by: string;
  readonly covered: string;
  readonly cover: string;
}

export function glassPage(): void {
  checked("ask", "Looking at the notes.", ask);
  for (const form of document.querySelectorAll<HTMLFormElement>('[data-form="deny"]')) {
    checkedForm(form, "Looking at the notes.", deny);
  }
  for (const form of document.querySelectorAll<HTMLFormElement>('[data-form="restore"]')) {
    checkedForm(form, "Looking at the seat.", restore);
  }
  on("open", "Taking the cover off, and opening the notes.", open);
  on("card", "Opening the card's copy.", card);
  find("[data-print]", HTMLButtonElement)?.addEventListener("click", () => {
    window.print();
  });
  void reportOwed();
}

function on(name: string, busy: string, work: (form: HTMLFormElement) => Promise<void>): void {
  const form = find(`[data-form="${name}"]`, HTMLFormElement);
  if (!form) return;
  form.hidden = false;
  whenSent(form, () => doing(form, busy, () => unlocked(() => work(form)), problemsOf({ here: "copy" })));
}

// Asking and refusing.

function ask(): Checked {
  const author = given("author");
  const name = given("author-name");
  return {
    title: "Look at it once more before you ask",
    rows: [
      ["At once", `${name} and all other keepers are alarmed, by name: it is you who asks.`],
      [
        "Then",
        `A wait of ${given("wait")} runs, once the alarms were handed over. ${name} and every keeper can say no.`,
      ],
      ["Afterwards", "The emergency notes open for you. The words for others stay sealed."],
      ["Your seat", "It counts for nothing until the other keepers restore it."],
    ],
    note: `If ${name} is in danger now, call the emergency number first, and raise the alarm.`,
    button: "Ask for the notes",
    busy: "Signing.",
    work: async () => {
      await asking(await Me.here(), author, false);
      return {
        title: "You have asked for the notes",
        lines: [
          `${name} and all other keepers are being alarmed. This page says when the notes open.`,
          "Your seat does not count until the other keepers restore it. You can still read, write and keep watch.",
        ],
      };
    },
  };
}

async function asking(me: Me, author: string, withCard: boolean): Promise<void> {
  const more = withCard ? { subject: "card" } : {};
  const document = me.signAct("break glass", author, KEEPER, more);
  await post(`/watches/${part(author)}/glass`, { card: withCard, document });
}

function deny(form: HTMLFormElement): Checked {
  const author = given("author");
  const keeper = form.dataset["keeper"] ?? "";
  const name = form.dataset["name"] ?? keeper;
  return {
    title: `Say no to ${name}?`,
    rows: [
      [
        "What it does",
        `The notes stay closed to ${name}. They can ask again, and everyone is alarmed again.`,
      ],
    ],
    note: "If there is a reason to hurry that you do not know of, call them before you say no.",
    button: "Say no",
    busy: "Signing.",
    work: async () => {
      const me = await Me.here();
      const role = author === me.handle ? AUTHOR : KEEPER;
      const document = me.signAct("deny", author, role, { subject: keeper });
      await post(`/watches/${part(author)}/glass/${part(keeper)}/deny`, { document });
      return { title: "You said no", lines: [`The notes stay closed to ${name}.`] };
    },
  };
}

/** Whoever asked without the card counts again when enough of the others sign it. */
function restore(form: HTMLFormElement): Checked {
  const keeper = form.dataset["keeper"] ?? "";
  return restoring(keeper, form.dataset["name"] ?? keeper);
}

// Opening.

async function open(): Promise<void> {
  const author = given("author");
  const me = await Me.here();
  const found = await read<{ document: string; covers: readonly Cover[] }>(
    `/watches/${part(author)}/glass/notes`,
  );
  const { document: word, digest: sha256 } = readDocument(
    utf8(found.document),
    EmergencyNotes,
    await me.authorKey(author),
  );
  if (word.author !== author || readerOf(word, me.handle)?.sealing !== fingerprint(me.keys.publicKey)) {
    throw new Refused(
      "The host shows notes of another author, or notes that are sealed to others; nothing was opened.",
      "Tell whoever runs the host. A card's own copy, if you hold one, is not touched by this.",
    );
  }
  await me.pins.seeNotes(author, word.number, sha256);
  const { inner, bad } = await uncovered(found.covers, word);
  await lay(await sealedNotes.openNotes(inner, me.keys), [
    `These are the notes that ${given("author-name")} signed for.`,
    ...bad.map((by) => `A cover that ${by} put on does not come off; an earlier one did. Tell the author.`),
    await coverAnew(me, author, word, inner),
  ]);
}

/** The notes without their cover, from the newest cover that fits, and who made the ones that do not. */
async function uncovered(
  covers: readonly Cover[],
  word: EmergencyNotes,
): Promise<{ readonly inner: Bytes; readonly bad: readonly string[] }> {
  const bad: string[] = [];
  for (const one of covers) {
    try {
      const covered = { data: bytesOf(one.covered), secretKey: one.cover };
      return { inner: await sealedNotes.takeOff(covered, word), bad };
    } catch (error) {
      if (!(error instanceof NotesRefused)) throw error;
      bad.push(one.by);
    }
  }
  throw new NotesRefused(
    "None of the covers comes off to show the notes that the author signed for. Nothing was opened.",
    "Tell the author and whoever runs the host. A card's own copy, if you hold one, is not touched by this.",
  );
}

/** Put a new cover on, so that this asking was good for one opening. */
async function coverAnew(me: Me, author: string, word: EmergencyNotes, inner: Bytes): Promise<string> {
  try {
    const covered = await sealedNotes.cover(inner);
    const act = { subject: String(word.number), body: digest(covered.data) };
    const document = me.signAct("cover notes anew", author, KEEPER, act);
    const body = { document, covered: base64Of(covered.data), cover: covered.secretKey };
    await put(`/watches/${part(author)}/glass/notes`, body);
    return "They have a new cover now. Print them, or write down what you will need again.";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return "They could not be covered anew. Open them again once the host answers.";
  }
}

/** The card's own copy: a file that opens with this keeper's key alone. Everyone is told as soon as the host hears. */
async function card(form: HTMLFormElement): Promise<void> {
  const author = given("author");
  const file = get('[name="copy"]', HTMLInputElement, form).files?.[0];
  if (!file)
    throw new ToMend([{ field: "copy", text: "Choose the file that you were given with your card" }]);
  const me = await Me.here();
  const opened = await openedCopy(me, new Uint8Array(await file.arrayBuffer()));
  owe([...owed(), author]);
  await reportOwed();
  const told = !owed().includes(author);
  await lay(opened, [
    told
      ? `${given("author-name")} and all other keepers are being told that you opened this.`
      : "The host does not answer, so nobody has been told yet. Everyone is told when you come to this page again.",
  ]);
}

async function openedCopy(me: Me, data: Uint8Array): Promise<Opened> {
  try {
    return await sealedNotes.openNotes(data, me.keys);
  } catch (error) {
    if (!(error instanceof SealedFileRefused || error instanceof ContainerRefused)) throw error;
    throw new ToMend([
      { field: "copy", text: `This file does not open as the card's own copy. ${error.do}` },
    ]);
  }
}

async function lay(opened: Opened, lines: readonly string[]): Promise<void> {
  get("[data-notes]", HTMLElement).replaceChildren(await items(opened));
  get("[data-said]", HTMLElement).replaceChildren(...lines.map((line) => el("p", {}, line)));
  show("notes");
}

// What everyone is still to be told of.

const OWED = "lastwords.opened-cards ";

function owed(): string[] {
  return JSON.parse(localStorage.getItem(OWED + given("handle")) ?? "[]") as string[];
}

function owe(authors: readonly string[]): void {
  localStorage.setItem(OWED + given("handle"), JSON.stringify([...new Set(authors)]));
}

/** Tell the host of copies that were opened while it did not answer. What it refuses stays owed. */
async function reportOwed(): Promise<void> {
  for (const author of owed()) {
    try {
      await asking(await Me.here(), author, true);
      owe(owed().filter((one) => one !== author));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
}
