// Building and changing what a page shows. Text is only ever text here: nodes are made one by one.

/** What a node may be given: attributes by their name; false and undefined leave one away, true sets it bare. */
export type Attributes = Readonly<Record<string, string | boolean | undefined>>;
export type Child = Node | string;

/** Make an element. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** The first element of that selector and kind. Throws if the page has none: template and script belong together. */
export function get<T extends Element>(
  selector: string,
  kind: new () => T,
  within: ParentNode = document,
): T {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** The same, or nothing where the page has none. */
export function find<T extends Element>(
  selector: string,
  kind: new () => T,
  within: ParentNode = document,
): T | undefined {
  const found = within.querySelector(selector);
  return found instanceof kind ? found : undefined;
}

/** What a page tells its script: the value of `data-<name>` on the element that has it. */
export function given(name: string): string {
  const holder = document.querySelector(`[data-${name}]`);
  return holder?.getAttribute(`data-${name}`) ?? "";
}

/** What stands in a field, without spaces at its ends. */
export function typed(form: ParentNode, name: string): string {
  const field = form.querySelector(`[name="${name}"]`);
  const holds = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
  if (holds) return field.value.trim();
  return field instanceof HTMLSelectElement ? field.value : "";
}

/** Show one of a page's parts (`data-step`) and hide the others; its heading gets the focus. */
export function show(step: string): HTMLElement {
  let shown: HTMLElement | undefined;
  for (const part of document.querySelectorAll<HTMLElement>("[data-step]")) {
    part.hidden = part.dataset["step"] !== step;
    if (!part.hidden) shown = part;
  }
  if (!shown) throw new Error(`The page has no step ${step}.`);
  land(shown.querySelector<HTMLElement>("h1, h2") ?? shown);
  return shown;
}

/** Give the focus to what stands there instead of something that was pressed: what is gone cannot have it. */
export function land(place: HTMLElement): void {
  place.tabIndex = Math.max(place.tabIndex, -1);
  place.focus();
}

/** Lead whoever pressed this to the heading of what is there, if it is there no longer. */
function leadOn(pressed: Element | null): void {
  if (!pressed || pressed.getClientRects().length > 0) return;
  if ((document.activeElement ?? document.body) !== document.body && document.activeElement !== pressed)
    return;
  const heads = [...document.querySelectorAll<HTMLElement>("main h1")];
  const head = heads.find((one) => one.getClientRects().length > 0);
  if (head) land(head);
}

// What goes wrong.

/** One thing to mend; `field` is the name of the form's field, or nothing for the whole form. */
export interface Problem {
  readonly text: string;
  readonly field?: string | undefined;
}

/** Show what has to be mended, twice in the same words: in a summary that gets the focus, and at each field. */
export function mend(form: HTMLElement, problems: readonly Problem[]): void {
  mended(form);
  const list = el("ul");
  for (const { text, field } of problems) {
    const at = field === undefined ? null : form.querySelector<HTMLElement>(`[name="${field}"]`);
    list.append(el("li", {}, at ? linkTo(at, text) : text));
    if (at) markWrong(at, text);
  }
  const summary = el("div", { class: "problem", role: "alert", tabindex: "-1" });
  summary.append(el("h2", {}, "There is a problem"), list);
  form.prepend(summary);
  summary.focus();
  if (!document.title.startsWith("Error: ")) document.title = `Error: ${document.title}`;
}

/** Take away what `mend` showed. */
export function mended(form: ParentNode): void {
  form.querySelectorAll(".problem, .error[data-mend]").forEach((one) => {
    one.remove();
  });
  for (const wrong of form.querySelectorAll(".wrong")) wrong.classList.remove("wrong");
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  document.title = document.title.replace(/^Error: /, "");
}

function linkTo(field: HTMLElement, text: string): HTMLElement {
  field.id ||= `field-${field.getAttribute("name") ?? ""}`;
  return el("a", { href: `#${field.id}` }, text);
}

function markWrong(field: HTMLElement, text: string): void {
  const choice = field.closest(".choice");
  const box = choice?.closest("fieldset") ?? field.closest(".field") ?? field.parentElement;
  const hidden = el("span", { class: "hidden" }, "Error:");
  const error = el("p", { class: "error", "data-mend": true, id: `${field.id}-error` }, hidden, ` ${text}`);
  box?.classList.add("wrong");
  field.setAttribute("aria-invalid", "true");
  // What is wrong with a group of choices stands above all of them.
  (choice?.parentElement?.querySelector(".choice") ?? field).before(error);
  for (
    let folded = field.closest("details");
    folded;
    folded = folded.parentElement?.closest("details") ?? null
  )
    folded.open = true;
}

// What goes on.

/** Answer a form whenever it is sent, and now if that was before this script was there (pages/early.ts). */
export function whenSent(
  form: HTMLFormElement | undefined,
  work: (form: HTMLFormElement) => Promise<unknown>,
): void {
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    void work(form);
  });
  const pressed = form?.querySelector<HTMLElement>("[data-pressed]") ?? form;
  if (pressed?.dataset["pressed"] === undefined) return;
  delete pressed.dataset["pressed"];
  queueMicrotask(() => {
    form?.requestSubmit(pressed === form ? null : pressed);
  });
}

/** Say what goes on as status text, which is read out: in the `[data-status]` of this part, made if there is none. */
export function say(part: ParentNode, text: string): void {
  let status = part.querySelector<HTMLElement>("[data-status]");
  if (!status) {
    status = el("p", { "data-status": true, role: "status" });
    part.append(status);
  }
  status.textContent = text;
}

/** Says yes once for every so many hundredths: status text that is read out must not chatter. */
export function every(hundredths: number): (done: number, total: number) => boolean {
  let last = -1;
  return (done, total) => {
    const now = Math.floor((100 * done) / Math.max(total, 1) / hundredths);
    if (now <= last) return false;
    last = now;
    return true;
  };
}

/** That the page is being left for another, from where it is come back to. Nothing went wrong. */
export class Leaving extends Error {
  constructor() {
    super("This page is being left.");
  }
}

/**
 * Do what a form's button asks for: once at a time however often it is pressed, with `text` as its status, and with
 * what went wrong shown at the form. `told` names the fields that a refusal is about. Gives whether it was done.
 */
export async function doing(
  form: HTMLElement,
  text: string,
  work: () => Promise<void>,
  told: (error: unknown) => readonly Problem[],
): Promise<boolean> {
  if (form.getAttribute("aria-busy") === "true") return false;
  form.setAttribute("aria-busy", "true");
  const buttons = [...form.querySelectorAll("button")];
  const pressed = form.contains(document.activeElement) ? document.activeElement : null;
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  mended(form);
  say(form, text);
  try {
    await work();
    say(form, "");
    leadOn(pressed);
    return true;
  } catch (error) {
    say(form, "");
    if (!(error instanceof Leaving)) mend(form, told(error));
    return false;
  } finally {
    form.removeAttribute("aria-busy");
    for (const button of buttons) button.removeAttribute("aria-disabled");
  }
}
