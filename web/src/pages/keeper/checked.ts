// What a keeper signs on a page: asked for, looked at once more, and then done, once. Going back shows the page as it was
// and sends nothing; what was done already the host refuses a second time.
import { doing, el, find, get, show, whenSent } from "../../client/dom.js";
import { unlocked } from "../../client/unlocked.js";
import { problemsOf } from "./running.js";

/** What is about to be done, as it is looked at once more. `work` does it, and says what came of it. */
export interface Checked {
  readonly title: string;
  readonly rows: readonly (readonly [what: string, said: string])[];
  readonly note?: string;
  readonly button: string;
  readonly busy: string;
  readonly work: () => Promise<Done>;
}

export interface Done {
  readonly title: string;
  readonly lines: readonly string[];
}

let next: Checked | undefined;

/** Connect the form of that name: what it asks for is shown on the check page. */
export function checked(
  name: string,
  busy: string,
  asked: (form: HTMLFormElement) => Checked | Promise<Checked>,
): void {
  const form = find(`[data-form="${name}"]`, HTMLFormElement);
  if (form) checkedForm(form, busy, asked);
}

export function checkedForm(
  form: HTMLFormElement,
  busy: string,
  asked: (form: HTMLFormElement) => Checked | Promise<Checked>,
): void {
  form.hidden = false;
  const look = async (): Promise<void> => {
    lookAt(await asked(form));
  };
  whenSent(form, () => doing(form, busy, () => unlocked(look), problemsOf()));
  connect();
}

function lookAt(what: Checked): void {
  next = what;
  get("[data-check-title]", HTMLElement).textContent = what.title;
  const rows = what.rows.map(([key, value]) =>
    el("div", {}, el("dt", {}, key), el("dd", { class: "preserved" }, value)),
  );
  get("[data-check]", HTMLElement).replaceChildren(...rows);
  const note = get("[data-check-note]", HTMLElement);
  note.textContent = what.note ?? "";
  note.hidden = what.note === undefined;
  get("[data-check-button]", HTMLElement).textContent = what.button;
  show("check");
}

/** Connect the check page itself, once. */
function connect(): void {
  const form = get('[data-form="sign"]', HTMLFormElement);
  if (form.dataset["connected"]) return;
  form.dataset["connected"] = "yes";
  whenSent(form, async () => {
    const what = next;
    if (!what) return;
    const work = async (): Promise<void> => {
      const said = await what.work();
      next = undefined;
      done(said);
    };
    await doing(form, what.busy, () => unlocked(work), problemsOf());
  });
  get("[data-change]", HTMLElement).addEventListener("click", () => show("form"));
}

function done({ title, lines }: Done): void {
  get("[data-done]", HTMLElement).textContent = title;
  get("[data-lines]", HTMLElement).replaceChildren(...lines.map((line) => el("p", {}, line)));
  show("done");
}
