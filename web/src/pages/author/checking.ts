// Looking at everything once more before it is sealed: for whom, what, how large, and who can open it.
import { el, find, get, given, show, typed } from "../../client/dom.js";
import type { Item } from "../../sealing/container.js";
import { utf8 } from "../../signing/bytes.js";
import { TIMER_ONLY } from "../../signing/manifest.js";
import { Refused } from "../../signing/refusals.js";
import { sizeOf } from "../../shown/items.js";
import { itemsOf, TEXT } from "./attached.js";
import { type Desk, keepNow, mustBeHere, take } from "./desk.js";
import { LETTER, NOTE, WISHES_TEXT, type Written } from "./draft_of.js";
import { type Content, keysStay, type Way, wayOf } from "./sealing.js";
import { boxed, quorumIn } from "./sharing.js";

export function contentOf({ letter, note, wishes, attached }: Written): Content {
  const words: Item[] = [];
  if (letter.trim() !== "") {
    words.push({ name: LETTER, content: utf8(letter), media: TEXT, title: "Letter" });
  }
  words.push(...itemsOf(attached, words));
  const envelope: Item[] = [];
  if (note) envelope.push({ name: NOTE, content: utf8(note), media: TEXT, title: "Note on the envelope" });
  if (wishes) envelope.push({ name: WISHES_TEXT, content: utf8(wishes), media: TEXT, title: "Wishes" });
  return { words, wishes: envelope };
}

export async function check(desk: Desk): Promise<void> {
  mustBeHere(desk);
  await keepNow(desk);
  const form = get('[data-form="write"]', HTMLFormElement);
  const content = contentOf(take(desk));
  if (content.words.length === 0) {
    throw new Refused("Nothing is written yet.", "Write, record or add something; two sentences are enough.");
  }
  const without = find('[name="keepers-only"]', HTMLInputElement)?.checked;
  desk.way = await wayOf(desk.me, desk.track, {
    quorum: quorumIn(form),
    keepersOnly: without,
    shares: boxed(form),
    adult: typed(form, "adult"),
  });
  get("[data-check]", HTMLElement).replaceChildren(...checked(desk, desk.way, content));
  show("check");
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
    ...reader(way),
    ...leftOut(way),
    ["Keys", keysStay(way, content) ? "As before: your keepers have nothing to do." : newKeys(way)],
  ];
  return rows.map(([key, value]) => el("div", {}, el("dt", {}, key), el("dd", {}, value)));
}

/** Keepers who could hold a share and will not, so that nobody is left out unseen. */
function leftOut({ track, choice }: Way): [string, string][] {
  const held = track.keepers.map(({ keeper }) => keeper);
  const left = choice.all.filter(({ handle }) => !held.includes(handle)).map(({ name }) => name);
  return track.keepers.length > 0 && left.length > 0 ? [["Keepers without a share", left.join(", ")]] : [];
}

/** The adult who reads it to a child receives it too. */
function reader({ adult }: Way): [string, string][] {
  return adult === "" ? [] : [["Who is with them", `${nameOf(adult)}, who holds no share of it`]];
}

export function lengthOf(data: Uint8Array | Blob): number {
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
