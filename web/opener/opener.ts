// The offline opener: kits, shares and a key in, words out, in one page that needs no network.
import { el, get } from "../src/client/dom.js";
import { fingerprint } from "../src/signing/fingerprints.js";
import { learn } from "../src/signing/lists.js";
import {
  fileOf,
  hasWishes,
  KEEPERS_ONLY,
  type Manifest,
  type Part,
  type RosterSeat,
  TIMER_ONLY,
  WISHES,
  WORDS,
} from "../src/signing/manifest.js";
import { Refused } from "../src/signing/refusals.js";
import type { Opened } from "../src/sealing/container.js";
import { PersonKeys } from "../src/sealing/person.js";
import { KeysRefused, ManifestRefused } from "../src/sealing/refusals.js";
import { SLIP39_WORDS } from "../src/sealing/slip39.js";
import { openPart, RELEASE_KEY_FILES, SEALED_FILES, shareName } from "../src/sealing/tracks.js";
import { items } from "../src/shown/items.js";
import words from "../../src/lastwords/sealing/slip39_words.txt";
import { type Chosen, genuine, named, rivalsOf, take, textOf, type Version, versionsOf } from "./chosen.js";
import { type Given, grouped, readGiven, releaseKeyOf, vouching } from "./shares.js";
import { ZipRefused } from "./unzip.js";

learn(SLIP39_WORDS, words);

const files = get("#files", HTMLInputElement);
const drop = get("#drop", HTMLElement);
const found = get("#found", HTMLElement);
const form = get("#form", HTMLFormElement);
const rows = get("#rows", HTMLElement);
const key = get("#key", HTMLTextAreaElement);
const passphrase = get("#passphrase", HTMLInputElement);
const progress = get("#progress", HTMLElement);
const trouble = get("#trouble", HTMLElement);
const opened = get("#opened", HTMLElement);

let chosen: Chosen[] = [];
let version: Version | undefined;
let sealed = new Map<string, Blob>();

const TWO_KEYS =
  "These files name more than one key as the author's for the same words. Unless the author has changed keys, a kit among " +
  "them is not genuine. The author's fingerprint stands on the recipient's card, and a share that a keeper's card opens " +
  "names it: choose the words that are signed with that key.";

const ONE_BY_ONE = { heading: "h3", saveEach: true } as const;
/** There is no host here that keeps anything, so each item can be saved by itself. */

/** A field of the form and what was wrong with it. */
type Wrong = readonly [field: HTMLElement | undefined, told: string];

files.addEventListener("change", () => void choose(Array.from(files.files ?? [])));
drop.addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
drop.addEventListener("dragleave", () => {
  drop.classList.remove("over");
});
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  void choose(Array.from(event.dataTransfer?.files ?? []));
});
get("#key-file", HTMLInputElement).addEventListener("change", (event) => {
  const file = (event.target as HTMLInputElement).files?.[0];
  if (file) void textOf(file).then(fillKey);
});
key.addEventListener("input", askForPassphrase);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  void open();
});

/** Take more files, and show whose words they are and what is missing. */
async function choose(more: readonly File[]): Promise<void> {
  tell([]);
  found.replaceChildren(el("p", {}, "Looking at the files…"));
  try {
    chosen = [...chosen, ...(await take(more))];
    const versions = await versionsOf(chosen);
    if (versions.length === 0) {
      found.replaceChildren(
        el(
          "p",
          { class: "told" },
          "Among these files is no manifest.json. It lies in every kit; choose it too.",
        ),
      );
      return;
    }
    await show(versions, versions[0]);
  } catch (error) {
    found.replaceChildren();
    tell([[files, sentence(error)]]);
  }
  files.value = "";
}

/** Show one version, and above it which others there are. */
async function show(versions: readonly Version[], wanted: Version | undefined): Promise<void> {
  version = wanted;
  if (!version) return;
  const { document } = version.manifest;
  sealed = new Map();
  const absent: string[] = [];
  for (const file of document.files) {
    const genuineFile = await genuine(chosen, file);
    if (genuineFile) sealed.set(file.name, genuineFile);
    else absent.push(`${file.name} is ${missing(file.name)}`);
  }
  found.replaceChildren(
    ...(versions.length > 1 ? [choice(versions, version)] : []),
    ...(rivalsOf(version, versions).length > 0 ? [el("p", { class: "told" }, TWO_KEYS)] : []),
    el(
      "dl",
      {},
      ...pairs({
        From: document.author,
        For: document.recipient,
        "If the author": document.condition === "died" ? "died" : "cannot act",
        Sealed: `${document.made.slice(0, 10)}, version ${document.number}`,
        Signature: signature(version),
        "Sealed files":
          absent.length > 0 ? `${absent.join("; ")}.` : "all here, and each is the one that was signed",
      }),
    ),
  );
  const keepers = document.mode !== TIMER_ONLY;
  get("#keepers", HTMLElement).hidden = !keepers;
  get("#recipient", HTMLElement).hidden = document.mode === KEEPERS_ONLY;
  get("#keepers-hint", HTMLElement).textContent =
    `Any ${document.k} of these ${document.roster.length} are enough. For each, give the key on their card, ` +
    "or the 33 words of their share, or the whole text of their opened share.";
  rows.replaceChildren(...(keepers ? document.roster.map(row) : []));
  form.hidden = false;
}

function missing(name: string): string {
  return named(chosen, name).length > 0
    ? "not the file that the author signed: take it from another kit"
    : "not here yet: choose it too";
}

function signature({ manifest, verified }: Version): string {
  const by = `the key ${grouped(manifest.signer).slice(0, 17)} …`;
  return verified ? `fits ${by}` : `not checked, since author.key.txt is not here; it names ${by}`;
}

function choice(versions: readonly Version[], current: Version): HTMLElement {
  const select = el("select", { id: "which" });
  for (const [place, one] of versions.entries()) {
    const { author, recipient, condition, track, number } = one.manifest.document;
    const rival = rivalsOf(one, versions).length > 0;
    const which = rival ? `, version ${number}, key ${grouped(one.manifest.signer).slice(0, 8)} …` : "";
    const label = `from ${author} for ${recipient}, if ${author} ${condition} (${track}${which})`;
    const option = el("option", { value: String(place), selected: versions[place] === current }, label);
    select.append(option);
  }
  select.addEventListener("change", () => void show(versions, versions[Number(select.value)]));
  return el("div", { class: "field" }, el("label", { for: "which" }, "Which words"), select);
}

function row(seat: RosterSeat): HTMLElement {
  const id = `share-${seat.index}`;
  const here = named(chosen, shareName(seat.index)).length > 0;
  const hint = here
    ? "Their sealed share is here; the key on their card opens it."
    : "Their kit was not chosen.";
  return el(
    "div",
    { class: "field" },
    el("label", { for: id }, `${seat.keeper}, share ${seat.index}`),
    el("p", { class: "quiet", id: `${id}-hint` }, hint),
    el("textarea", { id, rows: "3", spellcheck: "false", autocapitalize: "none", autocomplete: "off" }),
  );
}

function fillKey(text: string): void {
  key.value = text.trim();
  askForPassphrase();
}

function askForPassphrase(): void {
  get("#passphrase-field", HTMLElement).hidden = !isLocked(key.value);
}

function isLocked(text: string): boolean {
  return text.trimStart().startsWith("-----BEGIN AGE");
}

/** Open everything that can be opened with what the form holds. */
async function open(): Promise<void> {
  if (!version) return;
  const { document } = version.manifest;
  const button = form.querySelector("button");
  tell([]);
  opened.hidden = true;
  if (button) button.disabled = true;
  try {
    checkFiles(document);
    const [given, wrong] = await givenByKeepers(document);
    const recipient = await recipientKey(document, wrong);
    if (wrong.length > 0) {
      tell(wrong);
      return;
    }
    const shown: Node[] = [];
    for (const part of hasWishes(document) ? ([WISHES, WORDS] as const) : ([WORDS] as const)) {
      if (part === WISHES) shown.push(el("h3", { class: "part" }, "Wishes that go with the words"));
      shown.push(await items(await openOne(document, part, given, recipient), ONE_BY_ONE));
    }
    shown.push(proof(version, given));
    get("#shown", HTMLElement).replaceChildren(...shown);
    opened.hidden = false;
    // The keys have done their work; nobody who looks on should find them above the words.
    form.reset();
    form.hidden = true;
    opened.focus();
  } catch (error) {
    tell([[undefined, sentence(error)]]);
  } finally {
    progress.replaceChildren();
    if (button) button.disabled = false;
  }
}

/** Refuse to begin while a sealed file is missing or is not the one that was signed. */
function checkFiles(document: Manifest): void {
  for (const { name } of document.files) {
    if (sealed.has(name)) continue;
    throw new ManifestRefused(
      `${name} is missing, or is not the file that the author signed. Nothing was opened.`,
      "Choose it again, or take it from another keeper's kit.",
    );
  }
}

async function givenByKeepers(document: Manifest): Promise<[given: Given[], wrong: Wrong[]]> {
  const given: Given[] = [];
  const wrong: Wrong[] = [];
  for (const seat of document.roster) {
    const field = get(`#share-${seat.index}`, HTMLTextAreaElement);
    try {
      const one = await readGiven(field.value, seat, document, chosen);
      if (one.shares.length + one.words.length > 0) given.push(one);
    } catch (error) {
      wrong.push([field, sentence(error)]);
    }
  }
  if (wrong.length === 0 && given.length < document.k) {
    const told = `${document.k} keepers are needed, and ${given.length} gave something.`;
    wrong.push([get(`#share-${document.roster[0]?.index ?? 1}`, HTMLTextAreaElement), told]);
  }
  return [given, wrong];
}

async function recipientKey(document: Manifest, wrong: Wrong[]): Promise<string | null> {
  if (document.mode === KEEPERS_ONLY) return null;
  try {
    const person = await personIn(key.value.trim());
    if (fingerprint(person.publicKey) !== document.recipient_key) {
      throw new KeysRefused(
        "This key could be read, but these words are sealed to another one. Nothing was opened.",
        `Look for the card of ${document.recipient}.`,
      );
    }
    return person.secretKey;
  } catch (error) {
    wrong.push([key, sentence(error)]);
    return null;
  }
}

async function personIn(text: string): Promise<PersonKeys> {
  if (text === "")
    throw new Refused("The recipient's key is missing.", "Type or choose what is on their card.");
  if (isLocked(text)) return PersonKeys.unlock(new TextEncoder().encode(text), passphrase.value);
  return /AGE-SECRET-KEY-/i.test(text) ? PersonKeys.fromCard(text) : PersonKeys.fromWords(text);
}

async function openOne(
  document: Manifest,
  part: Part,
  given: readonly Given[],
  recipient: string | null,
): Promise<Opened> {
  const file = sealed.get(SEALED_FILES[part]) ?? new Blob();
  const bar = el("progress", { max: String(fileOf(document, SEALED_FILES[part]).size), value: "0" });
  bar.setAttribute("aria-label", "Opening");
  progress.replaceChildren(bar);
  let release: string | null = null;
  if (document.mode !== TIMER_ONLY) {
    const locked = new Uint8Array(await (sealed.get(RELEASE_KEY_FILES[part]) ?? new Blob()).arrayBuffer());
    release = await releaseKeyOf(given, document, part, locked);
  }
  return openPart(file, document, release, recipient, part, (bytes) => {
    bar.value += bytes;
  });
}

/** What was compared, so that whoever reads can judge whose words these are. */
function proof({ manifest, verified }: Version, given: readonly Given[]): HTMLElement {
  const vouch = vouching(given);
  const parts = [
    "How we know: every file is the one that the manifest names.",
    verified
      ? "The manifest's signature fits the author's key in the kit."
      : "The manifest's signature was not checked, since no kit with author.key.txt was chosen.",
    vouch > 0
      ? `${vouch === 1 ? "One keeper's share names" : `${vouch} keepers' shares name`} the same key as the author's.`
      : "No keeper's share was there to name the author's key: compare it with the fingerprint on the recipient's card.",
    `The key is ${grouped(manifest.signer)}.`,
  ];
  return el("p", { class: verified && vouch > 0 ? "told good" : "told" }, parts.join(" "));
}

/** Say what is wrong, above everything and beside each field; an empty list takes it all away. */
function tell(wrong: readonly Wrong[]): void {
  for (const old of document.querySelectorAll(".error")) old.remove();
  for (const old of document.querySelectorAll(".field.wrong")) old.classList.remove("wrong");
  for (const old of document.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
  const lines = wrong.map(([field, told]) => {
    if (!field) return el("li", {}, told);
    mark(field, told);
    return el("li", {}, el("a", { class: "link", href: `#${field.id}` }, told));
  });
  trouble.querySelector("ul")?.replaceChildren(...lines);
  trouble.hidden = wrong.length === 0;
  if (wrong.length > 0) trouble.focus();
}

function mark(field: HTMLElement, told: string): void {
  const around = field.closest(".field");
  if (!around) return;
  around.classList.add("wrong");
  field.setAttribute("aria-invalid", "true");
  field.before(el("p", { class: "error" }, told));
}

function pairs(said: Readonly<Record<string, string>>): HTMLElement[] {
  return Object.entries(said).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
}

/** A refusal in its own words; anything else is a fault of this page, and is said to be one. */
function sentence(error: unknown): string {
  if (error instanceof Refused || error instanceof ZipRefused) return error.message;
  return "This page met something that it did not expect. The files are unharmed; README.txt in the kit says how to open them with other programs.";
}
