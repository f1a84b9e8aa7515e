// Writing for one person: the page, recordings and files, the note on the envelope, a check page, and Seal.
import { doing, el, find, get, given, say, show, typed } from "../../client/dom.js";
import { CHANGED, recall } from "../../client/keys.js";
import type { Me } from "../../client/me.js";
import { told } from "../../client/refusals.js";
import { type Item, type Opened } from "../../sealing/container.js";
import { utf8 } from "../../signing/bytes.js";
import { hasWishes, KEEPERS_ONLY, TIMER_ONLY, WISHES, WORDS } from "../../signing/manifest.js";
import { Refused } from "../../signing/refusals.js";
import { sizeOf } from "../../shown/items.js";
import { type Attached, freeName, itemsOf, row, TEXT } from "./attached.js";
import {
  fromSealed,
  forgetPieces,
  keepPage,
  LETTER,
  NOTE,
  nothing,
  restore,
  WISHES_TEXT,
  type Written,
} from "./draft_of.js";
import { Draft } from "./kept.js";
import { listen, locked } from "./pages.js";
import { offerRecorder } from "./recording.js";
import { type Content, inForce, keysStay, openOwn, seal, takeBack, type Way, wayOf } from "./sealing.js";
import { send } from "./sending.js";

const PAUSE = 1500;
/** Milliseconds after the last change until the page is kept. */

/** What this page is about, once the key is open. */
interface Desk {
  readonly me: Me;
  readonly draft: Draft;
  readonly track: string;
  readonly name: string;
  written: Written;
  /** The way that the check page showed. */
  way?: Way;
}

export async function compose(): Promise<void> {
  const me = await locked();
  if (!me) return;
  const track = given("track");
  const draft = await Draft.of(me.handle, track, me.keys);
  const desk: Desk = { me, draft, track, name: given("recipient-name"), written: nothing() };
  attend(desk);
  const start = get('[data-step="start"]', HTMLElement);
  await doing(start, "Looking for what is here.", () => begin(desk), told());
}

/** Show what there is: a draft of this device, sealed words, or an empty page. */
async function begin(desk: Desk): Promise<void> {
  await showWay(desk);
  const kept = await restore(desk.draft, () => openSealed(desk));
  if (kept) {
    lay(desk, kept.written);
    const lost = kept.lost.length > 0 ? ` Choose these files once more: ${kept.lost.join(", ")}.` : "";
    show("write");
    saved(`Your draft is here again, as it was kept on this device.${lost}`);
  } else if (given("sealed") === "yes") {
    show("sealed");
  } else {
    lay(desk, nothing());
    show("write");
  }
}

/** The way in force stays what it is, unless the author chooses another. */
async function showWay({ me, track }: Desk): Promise<void> {
  const box = find('[name="keepers-only"]', HTMLInputElement);
  if (!box || given("sealed") !== "yes") return;
  const { manifest } = await inForce(me, track);
  box.checked = manifest.document.mode === KEEPERS_ONLY;
}

async function openSealed({ me, track }: Desk): Promise<Opened> {
  return openOwn(me, await inForce(me, track), WORDS);
}

// What a person does.

function attend(desk: Desk): void {
  listen({
    anew: () => {
      lay(desk, nothing());
      show("write");
    },
    read: () =>
      doing(get('[data-step="sealed"]', HTMLElement), "Opening your own copy.", () => readOwn(desk), told()),
    "throw-away": () => throwAway(desk),
    back: () => show("write"),
  });
  answer("write", "Getting ready.", () => check(desk));
  answer("seal", "Sealing.", (form) => sealIt(desk, form));
  answer("take-back", "Signing.", () => takeItBack(desk));
  const form = get('[data-form="write"]', HTMLFormElement);
  form.addEventListener("input", () => {
    keepSoon(desk);
  });
  get('[name="files"]', HTMLInputElement).addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement) addFiles(desk, target);
  });
  offerRecorder({
    draft: desk.draft,
    name: (wished) => freeName(wished, desk.written.attached),
    recorded: (one) => {
      add(desk, one);
    },
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void keepNow(desk);
  });
  // Locking the key leaves nothing readable on the screen either; the draft is kept first.
  document.addEventListener(CHANGED, () => {
    void recall(desk.me.handle).then(async (keys) => {
      if (keys) return;
      await keepNow(desk);
      location.reload();
    });
  });
}

function answer(name: string, text: string, work: (form: HTMLFormElement) => Promise<void>): void {
  const form = find(`[data-form="${name}"]`, HTMLFormElement);
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    void doing(form, text, () => work(form), told({ here: "letter" }));
  });
}

async function readOwn(desk: Desk): Promise<void> {
  const old = await inForce(desk.me, desk.track);
  const words = await openOwn(desk.me, old, WORDS);
  const wishes = hasWishes(old.manifest.document) ? await openOwn(desk.me, old, WISHES) : undefined;
  lay(desk, await fromSealed(words, wishes));
  show("write");
}

async function throwAway(desk: Desk): Promise<void> {
  window.clearTimeout(timer);
  await desk.draft.forget();
  location.reload();
}

async function takeItBack({ me, track, draft }: Desk): Promise<void> {
  await takeBack(me, track);
  await draft.forget();
  location.assign("/write");
}

// The page and its draft.

/** Lay what is written on the page. */
function lay(desk: Desk, written: Written): void {
  desk.written = written;
  const form = get('[data-form="write"]', HTMLFormElement);
  for (const name of ["letter", "note", "wishes"] as const) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)
      field.value = written[name];
  }
  const envelope = find("[data-envelope]", HTMLDetailsElement);
  if (envelope) envelope.open = written.note !== "" || written.wishes !== "";
  showAttached(desk);
}

/** Take what is typed from the page. */
function take(desk: Desk): Written {
  const form = get('[data-form="write"]', HTMLFormElement);
  const letter = get('[name="letter"]', HTMLTextAreaElement, form).value;
  desk.written = { ...desk.written, letter, note: typed(form, "note"), wishes: typed(form, "wishes") };
  return desk.written;
}

let timer = 0;

function keepSoon(desk: Desk): void {
  window.clearTimeout(timer);
  saved("");
  timer = window.setTimeout(() => {
    void keepNow(desk);
  }, PAUSE);
}

async function keepNow(desk: Desk): Promise<void> {
  if (get('[data-step="write"]', HTMLElement).hidden) return;
  window.clearTimeout(timer);
  try {
    const at = new Date(await keepPage(desk.draft, take(desk)));
    const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    saved(`Saved on this device ${clock}`);
  } catch (error) {
    reportError(error);
    saved("This browser keeps no drafts. Seal before you close the page.");
  }
}

function saved(text: string): void {
  get("[data-saved]", HTMLElement).textContent = text;
}

// What goes with the letter.

function addFiles(desk: Desk, field: HTMLInputElement): void {
  for (const file of field.files ?? []) {
    const name = freeName(file.name, desk.written.attached);
    const { type: media } = file;
    add(desk, { name, content: file, media, title: "", from: "device", transcript: "" });
  }
  field.value = "";
}

function add(desk: Desk, one: Attached): void {
  desk.written.attached.push(one);
  showAttached(desk);
  keepSoon(desk);
}

function showAttached(desk: Desk): void {
  const { attached } = desk.written;
  const list = get("[data-attached]", HTMLElement);
  const rows = attached.map((one, number) =>
    row(
      one,
      number,
      () => {
        keepSoon(desk);
      },
      () => {
        desk.written.attached = attached.filter((other) => other !== one);
        if (one.from === "recording") void forgetPieces(desk.draft, one.name);
        showAttached(desk);
        keepSoon(desk);
      },
    ),
  );
  list.replaceChildren(...rows);
  list.hidden = rows.length === 0;
}

function contentOf({ letter, note, wishes, attached }: Written): Content {
  const words: Item[] = [];
  if (letter.trim() !== "") {
    words.push({ name: LETTER, content: utf8(letter), media: TEXT, title: "Letter" });
  }
  words.push(...itemsOf(attached));
  const envelope: Item[] = [];
  if (note) envelope.push({ name: NOTE, content: utf8(note), media: TEXT, title: "Note on the envelope" });
  if (wishes) envelope.push({ name: WISHES_TEXT, content: utf8(wishes), media: TEXT, title: "Wishes" });
  return { words, wishes: envelope };
}

// Checking and sealing.

async function check(desk: Desk): Promise<void> {
  await keepNow(desk);
  const form = get('[data-form="write"]', HTMLFormElement);
  const content = contentOf(take(desk));
  if (content.words.length === 0) {
    throw new Refused("Nothing is written yet.", "Write, record or add something; two sentences are enough.");
  }
  const without = find('[name="keepers-only"]', HTMLInputElement)?.checked;
  desk.way = await wayOf(desk.me, desk.track, { quorum: quorumOf(form), keepersOnly: without });
  get("[data-check]", HTMLElement).replaceChildren(...checked(desk, desk.way, content));
  show("check");
}

function quorumOf(form: HTMLFormElement): number | undefined {
  const text = typed(form, "quorum");
  if (text === "") return undefined;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 16) return number;
  throw new Refused("The number of keepers cannot be used.", "Enter a number from 1 to 16.");
}

function checked(desk: Desk, way: Way, content: Content): HTMLElement[] {
  const { written } = desk;
  const size = content.words.reduce((sum, { content: data }) => sum + lengthOf(data), 0);
  const rows: [string, string | HTMLElement][] = [
    ["For", desk.name],
    ["When", given("when")],
    ["What", whatOf(content)],
    ["Size", sizeOf(size)],
    ["On the envelope", written.note || "Nothing"],
    ["Wishes, shown before opening", written.wishes ? "Yes" : "None"],
    ["Who can open it", opensWith(desk, way)],
    ["Keys", keysStay(way, content) ? "As before: your keepers have nothing to do." : newKeys(way)],
  ];
  return rows.map(([key, value]) => el("div", {}, el("dt", {}, key), el("dd", {}, value)));
}

function lengthOf(data: Uint8Array | Blob): number {
  return data instanceof Blob ? data.size : data.length;
}

function whatOf({ words }: Content): HTMLElement {
  const list = el("ul", { class: "bare" });
  for (const { name, title, content } of words) {
    list.append(
      el("li", {}, `${name === LETTER ? "A letter" : title || name}, ${sizeOf(lengthOf(content))}`),
    );
  }
  return list;
}

function opensWith({ name }: Desk, { track, keepersToCome }: Way): string {
  const host = "Whoever runs this host cannot.";
  const named = track.keepers.map(({ keeper }) => nameOf(keeper)).join(", ");
  if (track.mode !== TIMER_ONLY && track.recipientPublicKey === null) {
    return `Any ${track.k} of your keepers together (${named}), since no key of ${name} closes it. ${host}`;
  }
  if (track.mode !== TIMER_ONLY) {
    return `${name}, with their own key, once any ${track.k} of ${named} let it go. Your keepers cannot read it, even all together. ${host}`;
  }
  const until = keepersToCome
    ? "Your keepers' lock is not on it yet, since too few of them are verified: you put it on later with one press, before your plan can be active. Until then the host could hand it over too early."
    : "Your plan has no keepers: the host alone waits, and could hand it over too early.";
  return `${name}, with their own key alone. ${until} ${host.replace("cannot", "cannot read it")}`;
}

function nameOf(handle: string): string {
  return document.querySelector(`[data-name-of="${handle}"]`)?.textContent ?? handle;
}

function newKeys({ track, old }: Way): string {
  if (track.keepers.length === 0) return "New.";
  return `${old ? "New ones" : "New"}: each keeper then proves that their share opens.`;
}

async function sealIt(desk: Desk, form: HTMLFormElement): Promise<void> {
  const { me, way } = desk;
  if (!way) throw new Refused("The page was not checked yet.", "Go back and check it again.");
  const content = contentOf(desk.written);
  const total = content.words.reduce((sum, { content: data }) => sum + lengthOf(data), 0);
  const adult = typed(get('[data-form="write"]', HTMLFormElement), "adult") || undefined;
  let done = 0;
  const step = every(10);
  const posting = await seal(me, way, content, adult, (bytes) => {
    done += bytes;
    if (step(done, total)) say(form, `Sealing: ${sizeOf(Math.min(done, total))} of ${sizeOf(total)}.`);
  });
  const next = every(10);
  const signed = await send(me, posting, (sent, all) => {
    if (next(sent, all)) {
      const passed = `${sizeOf(sent)} of ${sizeOf(all)} sent, sealed before sending.`;
      say(form, `${passed} You may close this page and continue later.`);
    }
  });
  await desk.draft.forget();
  const { number } = signed.document;
  get("[data-done]", HTMLElement).textContent = `Sealed for ${desk.name}`;
  get("[data-done-more]", HTMLElement).textContent = doneMore(way, content, number);
  show("done");
}

function doneMore(way: Way, content: Content, number: number): string {
  const kept = `This is version ${number}, and the only one that can ever be given.`;
  if (way.keepersToCome)
    return `${kept} When enough keepers are verified, put their lock on it: the page “Write” reminds you.`;
  if (way.track.keepers.length === 0 || keysStay(way, content)) return kept;
  return `${kept} Any ${way.track.k} of your keepers together can let it go. Each of them now proves that their share opens.`;
}

/** Says yes once for every so many hundredths: status text that is read out must not chatter. */
function every(hundredths: number): (done: number, total: number) => boolean {
  let last = -1;
  return (done, total) => {
    const now = Math.floor((100 * done) / Math.max(total, 1) / hundredths);
    if (now <= last) return false;
    last = now;
    return true;
  };
}
