// The fields of a sheet as people type them, and what they mean: a list has one thing on each line, and what comes after
// the first comma of a line is how to reach somebody, or where something lies.

type Moment = (at: number) => object;
type Value = Readonly<Record<string, unknown>>;

const ANSWERS: Readonly<Record<string, boolean>> = { yes: true, no: false };
/** Everything else is not stated. */

/** What a form's fields (`data-kind`) say, by name. What is left empty is not stated. */
export function filled(form: HTMLFormElement, moment: Moment): Value {
  const found: Record<string, unknown> = {};
  const from = fieldIn(form, "from_when")?.value ?? "";
  for (const field of fieldsOf(form)) {
    const text = field.value.trim();
    switch (field.dataset["kind"]) {
      case "lines":
        found[field.name] = lines(text);
        break;
      case "listed":
        found[field.name] = listed(text, isNone(form, field.name));
        break;
      case "people":
        found[field.name] = lines(text).map((line) => pair(line, "name", "reach"));
        break;
      case "papers":
        found[field.name] = lines(text).map((line) => pair(line, "what", "lies_at"));
        break;
      case "route":
        found[field.name] = lines(text).map((place) => ({ place, at: null }));
        break;
      case "calls":
        found[field.name] = lines(text).map((line) => ({
          whom: pair(line, "name", "reach"),
          from_when: moment(
            from === "" ? Number(field.dataset["back"]) : Math.floor(Date.parse(from) / 1000),
          ),
          say: fieldIn(form, "say")?.value.trim() || null,
        }));
        break;
      case "word":
        found[field.name] = text;
        break;
      case "yes-no":
        found[field.name] = ANSWERS[text] ?? null;
        break;
      case "aside":
        break;
      case undefined:
      default:
        found[field.name] = text === "" ? null : text;
    }
  }
  return found;
}

/** Put back into the fields what a sheet says. */
export function put(form: HTMLFormElement, what: Value): void {
  for (const field of fieldsOf(form)) {
    const value = what[field.name];
    if (value === undefined || value === null) continue;
    field.value = typeof value === "string" ? value : shown(value);
    const none = noneOf(form, field.name);
    if (none) none.checked = (value as { said?: string }).said === "none known";
  }
}

function shown(value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  const list = Array.isArray(value) ? value : (value as { items?: readonly unknown[] }).items;
  return (list ?? []).map(lineOf).join("\n");
}

function lineOf(one: unknown): string {
  if (typeof one === "string") return one;
  const { name, reach, what, lies_at, place, whom } = one as Record<string, string | undefined>;
  if (whom !== undefined) return lineOf(whom);
  const [first, second] = [name ?? what ?? place, reach ?? lies_at];
  return [first, second].filter(Boolean).join(", ");
}

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function fieldsOf(form: HTMLFormElement): Field[] {
  return [...form.querySelectorAll<Field>("[data-kind]")];
}

function fieldIn(form: HTMLFormElement, name: string): Field | null {
  return form.querySelector<Field>(`[name="${name}"]`);
}

function noneOf(form: HTMLFormElement, name: string): HTMLInputElement | null {
  return form.querySelector<HTMLInputElement>(`[name="${name}-none"]`);
}

function isNone(form: HTMLFormElement, name: string): boolean {
  return noneOf(form, name)?.checked ?? false;
}

function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function listed(text: string, none: boolean): Value {
  const items = lines(text);
  if (items.length > 0) return { said: "listed", items };
  return { said: none ? "none known" : "not stated", items };
}

/** The two parts of a line; the second is "not stated" where nobody wrote it. */
function pair(line: string, first: string, second: string): Value {
  const at = line.indexOf(",");
  const after = at < 0 ? "" : line.slice(at + 1).trim();
  return { [first]: at < 0 ? line : line.slice(0, at).trim(), [second]: after || "not stated" };
}
