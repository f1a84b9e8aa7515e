// One author's words for the person of this page: the envelope, three answers of the same weight, and reading.
import { Refusal } from "../../client/api.js";
import { doing, el, find, get, given, say, show, typed, whenSent } from "../../client/dom.js";
import { KeyLocked, Me, type Sealed } from "../../client/me.js";
import { toUnlock } from "../../client/keyline.js";
import { Misplaced, told } from "../../client/refusals.js";
import { handOver } from "../../client/save.js";
import { unlocked } from "../../client/unlocked.js";
import type { Opened } from "../../sealing/container.js";
import { hasWishes, TIMER_ONLY, WISHES, WORDS } from "../../signing/manifest.js";
import { Refused } from "../../signing/refusals.js";
import { archive, type Part as Kept } from "../../shown/archive.js";
import { items, sizeOf, textOf } from "../../shown/items.js";
import { plainText } from "../../shown/markdown.js";
import { answer, open, type OwnRow, ownWords, sayOpened, SharesAwaited, want } from "./opening.js";

const NOTE = "note.txt";
const MONTH = 30;
const YEAR = 365;

/** What is open on this page, until it is left. */
const held: { wishes?: Opened; words?: Opened } = {};

export async function words(): Promise<void> {
  const author = given("author");
  const track = given("track");
  get("[data-needs-script]", HTMLElement).hidden = false;
  listen(author, track);
  const envelope = get('[data-step="envelope"]', HTMLElement);
  await doing(envelope, "Looking for the note on the envelope.", () => showEnvelope(author, track), told());
}

/** What stands on the envelope: a note, and wishes. To see them is not to open. */
async function showEnvelope(author: string, track: string): Promise<void> {
  const place = get("[data-envelope]", HTMLElement);
  let found: Sealed<OwnRow> | undefined;
  try {
    const me = await Me.here();
    found = await ownWords(me, author, track);
    if (!found || !hasWishes(found.manifest.document)) return;
    held.wishes = await open(me, found, WISHES);
  } catch (error) {
    if (error instanceof KeyLocked) place.replaceChildren(unlockFirst());
    else if (error instanceof SharesAwaited) return;
    else throw error;
    place.hidden = false;
    return;
  }
  const { wishes } = held;
  const note = await textOf(wishes, NOTE);
  if (note !== undefined) place.append(el("p", { class: "note words" }, note.trim()));
  for (const entry of wishes.entries.filter(({ name }) => name !== NOTE)) {
    const text = await textOf(wishes, entry.name);
    if (text === undefined) continue;
    place.append(el("h2", {}, "What they wished"), el("div", { class: "words" }, plainText(text)));
  }
  place.hidden = place.childElementCount === 0;
}

function unlockFirst(): HTMLElement {
  const link = el("a", { class: "button second", href: toUnlock() }, "Open my key");
  return el(
    "p",
    {},
    "Your key is locked in this browser. What is on the envelope is shown when it is open. ",
    link,
  );
}

// What the person does.

function listen(author: string, track: string): void {
  const acts: Readonly<Record<string, () => unknown>> = {
    open: () => read(author, track),
    later: () => show("later"),
    decline: () => show("decline"),
    through: () => show("through"),
    back: () => show("envelope"),
    close: () => {
      location.reload();
    },
    print: () => {
      window.print();
    },
    type: () => {
      document.body.classList.toggle("plainer");
    },
    keep: () => keepEverything(),
  };
  for (const [name, act] of Object.entries(acts)) {
    for (const button of document.querySelectorAll(`[data-do="${name}"]`)) {
      button.addEventListener("click", () => void act());
    }
  }
  for (const choice of document.querySelectorAll<HTMLInputElement>('[name="ask"]')) {
    choice.addEventListener("change", () => {
      get("[data-on-a-day]", HTMLElement).hidden = choice.value !== "date";
    });
  }
  onSubmit("later", async (form) => {
    const until = askedAgain(form);
    await answer(await Me.here(), author, track, "later", "later", { until });
    const again = until ? `You are asked again on ${dayOf(until)}.` : "Nobody asks you again.";
    said("They are kept for later", `${again} You can open them whenever you wish.`);
  });
  onSubmit("decline", async () => {
    await answer(await Me.here(), author, track, "decline", "decline");
    said("They stay sealed", "You can change your mind at any time; they wait here.");
  });
  onSubmit("through", async (form) => {
    const someone = needed(typed(form, "someone"), "Enter a name, so that the keepers know whom you mean.");
    await answer(await Me.here(), author, track, "through someone else", "through", { someone });
    said("The keepers know", `You wish to receive them through ${someone}. They will speak with you.`);
  });
}

function onSubmit(name: string, work: (form: HTMLFormElement) => Promise<void>): void {
  const form = get(`[data-form="${name}"]`, HTMLFormElement);
  whenSent(form, () =>
    doing(
      form,
      "Signing.",
      () => unlocked(() => work(form)),
      told({ here: name === "later" ? "until" : "someone" }),
    ),
  );
}

function askedAgain(form: HTMLFormElement): number {
  const chosen = new FormData(form).get("ask");
  const today = Math.floor(Date.now() / 1000);
  if (chosen === "month") return today + MONTH * 86_400;
  if (chosen === "year") return today + YEAR * 86_400;
  if (chosen === "never") return 0;
  if (chosen !== "date") {
    throw new Misplaced("ask", "Nothing was sent.", "Choose whether and when you wish to be asked again.");
  }
  const day = Date.parse(`${typed(form, "until")}T09:00`);
  if (Number.isNaN(day) || day / 1000 <= today) {
    throw new Misplaced("until", "Nothing was sent.", "Choose a day from tomorrow on.");
  }
  return Math.floor(day / 1000);
}

function needed(text: string, otherwise: string): string {
  if (text) return text;
  throw new Refused("Nothing was sent.", otherwise);
}

function said(title: string, more: string): void {
  get("[data-said]", HTMLElement).textContent = title;
  get("[data-said-more]", HTMLElement).textContent = more;
  show("said");
}

function dayOf(seconds: number): string {
  const form = { dateStyle: "full", timeZone: given("zone") || "UTC" } as const;
  return new Intl.DateTimeFormat("en-GB", form).format(new Date(seconds * 1000));
}

// Reading.

function read(author: string, track: string): Promise<boolean> {
  const shown = find("[data-step]:not([hidden])", HTMLElement) ?? document.body;
  return doing(shown, "Opening.", () => unlocked(() => openWords(author, track, shown)), told());
}

async function openWords(author: string, track: string, shown: HTMLElement): Promise<void> {
  const me = await Me.here();
  let found = await ownWords(me, author, track);
  if (!found) {
    // Asked for by name, so that the host says why they are not shown.
    await want(me, author, track);
    found = await ownWords(me, author, track);
  }
  if (!found)
    throw new Refused("These words are not here; nothing was opened.", "Call the person who told you.");
  const { mode } = found.manifest.document;
  const handed = found.row.shares.some(({ part }) => part === WORDS);
  if (mode !== TIMER_ONLY && !handed) {
    await want(me, author, track);
    found = (await ownWords(me, author, track)) ?? found;
  }
  try {
    held.words = await open(me, found, WORDS, (bytes) => {
      say(shown, `Fetching what is sealed: ${sizeOf(bytes)}.`);
    });
  } catch (error) {
    if (!(error instanceof SharesAwaited)) throw error;
    get("[data-waiting]", HTMLElement).textContent = `${error.happened} ${error.do}`;
    show("waiting");
    return;
  }
  get("[data-words]", HTMLElement).replaceChildren(await items(held.words));
  show("reading");
  await tellHost(me, author, track);
}

/** The words are open, whatever the host hears of it. */
async function tellHost(me: Me, author: string, track: string): Promise<void> {
  if (given("state") === "opened") return;
  try {
    await sayOpened(me, author, track);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const text = `The words are open, whole. Only the host could not be told: ${error.happened}`;
    get("[data-words]", HTMLElement).append(el("p", { class: "quiet small no-print" }, text));
  }
}

async function keepEverything(): Promise<void> {
  if (!held.words) return;
  const parts: Kept[] = [{ folder: "words", title: "The words", opened: held.words }];
  if (held.wishes) parts.push({ folder: "wishes", title: "On the envelope", opened: held.wishes });
  const author = given("author-name");
  const today = dayOf(Math.floor(Date.now() / 1000));
  const file = await archive(author, today, parts);
  handOver(file, `from-${given("author")}.zip`);
  say(get('[data-step="reading"]', HTMLElement), "Handed to your browser to save.");
}
