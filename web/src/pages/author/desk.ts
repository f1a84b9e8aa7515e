// The page that is written on: what stands on it, what goes with it, and its draft, which this device keeps.
import { find, get, typed } from "../../client/dom.js";
import type { Me } from "../../client/me.js";
import { savedAs } from "../../shown/names.js";
import { Refused } from "../../signing/refusals.js";
import { type Attached, freeName, row } from "./attached.js";
import { forgetPieces, keepPage, type Written } from "./draft_of.js";
import type { Draft } from "./kept.js";
import type { Way } from "./sealing.js";

const PAUSE = 1500;
/** Milliseconds after the last change until the page is kept. */

/** What this page is about, once the key is open. */
export interface Desk {
  readonly me: Me;
  readonly draft: Draft;
  readonly track: string;
  readonly name: string;
  written: Written;
  /** Whether something stands on the page that its draft does not hold yet. */
  changed: boolean;
  /** Whether another tab has this letter by now: what stands here is kept and sealed no more. */
  elsewhere: boolean;
  /** The way that the check page showed. */
  way?: Way;
}

// The page and its draft.

/** Lay what is written on the page. */
export function lay(desk: Desk, written: Written): void {
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
export function take(desk: Desk): Written {
  const form = get('[data-form="write"]', HTMLFormElement);
  const letter = get('[name="letter"]', HTMLTextAreaElement, form).value;
  desk.written = { ...desk.written, letter, note: typed(form, "note"), wishes: typed(form, "wishes") };
  return desk.written;
}

let timer = 0;

/** Keep nothing more of this page by itself. */
export function keepNoMore(desk: Desk): void {
  window.clearTimeout(timer);
  desk.changed = false;
}

/** Another tab has this letter now. What was typed here last is kept once more; from then on only that tab keeps it. */
export async function giveUp(desk: Desk): Promise<void> {
  await keepNow(desk);
  desk.elsewhere = true;
  saved("This letter was opened in another tab. Go on there: what you write here is not kept any more.");
}

/** Refuse to seal what another tab has by now. */
export function mustBeHere({ elsewhere }: Desk): void {
  if (!elsewhere) return;
  throw new Refused(
    "This letter was opened in another tab since then. Nothing was sealed.",
    "Go on there, or load this page again: then it is here once more.",
  );
}

export function keepSoon(desk: Desk): void {
  if (desk.elsewhere) return;
  window.clearTimeout(timer);
  desk.changed = true;
  saved("");
  timer = window.setTimeout(() => {
    void keepNow(desk);
  }, PAUSE);
}

/** Keep the page if something on it has changed: a tab that is only looked at writes over no draft. */
export async function keepNow(desk: Desk): Promise<void> {
  if (!desk.changed || desk.elsewhere || get('[data-step="write"]', HTMLElement).hidden) return;
  window.clearTimeout(timer);
  desk.changed = false;
  try {
    const at = new Date(await keepPage(desk.draft, take(desk)));
    const clock = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    saved(`Saved on this device ${clock}`);
  } catch (error) {
    reportError(error);
    desk.changed = true;
    saved("This browser keeps no drafts. Seal before you close the page.");
  }
}

export function saved(text: string): void {
  get("[data-saved]", HTMLElement).textContent = text;
}

// What goes with the letter.

export function addFiles(desk: Desk, field: HTMLInputElement): void {
  for (const file of field.files ?? []) {
    // A name that this device allows and another does not would be refused when it is sealed.
    const name = freeName(savedAs(file.name), desk.written.attached);
    const { type: media } = file;
    add(desk, { name, content: file, media, title: "", from: "device", transcript: "" });
  }
  field.value = "";
}

export function add(desk: Desk, one: Attached): void {
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
        get('input[type="file"]', HTMLInputElement).focus();
      },
    ),
  );
  list.replaceChildren(...rows);
  list.hidden = rows.length === 0;
}
