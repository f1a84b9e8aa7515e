// What somebody has typed when their key turns out to be locked, or their session to have ended: kept in this tab while
// they open the one or begin the other, sealed as the key itself is, and put back where it stood, once.
import { given, say } from "./dom.js";
import { forgetInTab, fromTab, keepInTab, TYPED } from "./keys.js";
import { unlocked } from "./unlocked.js";

/** One field as it stands: of which form, its name, and its value; `marked` for a choice. */
interface Field {
  readonly form: string;
  readonly name: string;
  readonly value: string;
  readonly marked?: boolean;
}

interface Kept {
  readonly page: string;
  readonly fields: readonly Field[];
}

/** Do what needs the key and a session. Where one of them is missing, go and get it; what is typed waits in this tab. */
export function comingBack<T>(work: () => Promise<T>): Promise<T> {
  return unlocked(work, () => keep().catch(reportError));
}

async function keep(): Promise<void> {
  const changed = fieldsOf().filter(([, field]) => isChanged(field));
  const fields = changed.map(([form, field]): Field => {
    const { name, value } = field;
    return isChoice(field) ? { form, name, value, marked: field.checked } : { form, name, value };
  });
  const kept: Kept = { page: here(), fields };
  await keepInTab(TYPED, given("handle"), JSON.stringify(kept));
}

/** Put back into a form what was typed in it before; call it when all of the page's fields are there. */
export async function putBack(form: HTMLFormElement): Promise<void> {
  const text = await fromTab(TYPED, given("handle"));
  await forgetInTab(TYPED);
  const { page, fields } = text === undefined ? { page: "", fields: [] } : (JSON.parse(text) as Kept);
  if (page !== here()) return;
  for (const wanted of fields) {
    // Looked for one by one: what is chosen in one field can make the fields that follow it.
    const found = fieldsOf().find(([of, field]) => isThat(of, field, wanted));
    if (!found) continue;
    const [, field] = found;
    if (isChoice(field)) field.checked = wanted.marked === true;
    else if (field.value !== wanted.value) field.value = wanted.value;
    else continue;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  if (fields.length > 0) say(form, "What you had written is here again.");
}

type Typed = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** The fields of this page's forms that a person fills in, each with the name of its form. */
function fieldsOf(): (readonly [form: string, field: Typed])[] {
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-form]")];
  return forms.flatMap((form) =>
    [...form.querySelectorAll<Typed>("input, textarea, select")]
      .filter(({ name, type }) => name !== "" && !["hidden", "file", "password"].includes(type))
      .map((field) => [form.dataset["form"] ?? "", field] as const),
  );
}

function isThat(form: string, field: Typed, wanted: Field): boolean {
  const same = form === wanted.form && field.name === wanted.name;
  return same && (!isChoice(field) || field.value === wanted.value);
}

/** Whether it stands otherwise than the page brought it. */
function isChanged(field: Typed): boolean {
  if (isChoice(field)) return field.checked !== field.defaultChecked;
  if (field instanceof HTMLSelectElement) {
    const first = [...field.options].findIndex((one) => one.defaultSelected);
    return field.selectedIndex !== Math.max(first, 0);
  }
  return field.value !== field.defaultValue;
}

function isChoice(field: Typed): field is HTMLInputElement {
  return field.type === "radio" || field.type === "checkbox";
}

function here(): string {
  return location.pathname + location.search;
}
