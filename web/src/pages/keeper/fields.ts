// The fields of each kind of entry as a form asks for them, and from what was typed to what the entry says.
import { DONE, type Kind, KINDS, RESULTS, ROUTES, STANDINGS, STEPS } from "../../case/entries.js";
import { awaySeconds } from "../../case/moment.js";
import { CONSCIOUSNESS, type Range, RANGES, rangeOf, shownWithUnit } from "../../case/observation.js";
import { el, type Problem, typed } from "../../client/dom.js";
import { ToMend } from "./running.js";

type Way = "line" | "area" | "number" | "yes-no" | "choice" | "moment";

interface Field {
  readonly name: string;
  readonly label: string;
  readonly way: Way;
  readonly needed?: boolean;
  readonly hint?: string;
  readonly options?: readonly (readonly [value: string, label: string])[];
}

const TENTHS = "_tenths";

/** The kinds that a keeper chooses from; what is missing here is written from the entry or task it belongs to. */
export const CHOSEN: Readonly<Partial<Record<Kind, string>>> = {
  note: "A note",
  contact_attempt: "An attempt to reach them",
  sighting: "They were seen",
  place: "A place, or an arrival",
  harm: "What happened to them",
  observation: "An observation: breathing, pulse, …",
  treatment: "A treatment",
  document: "A document",
  decision: "A decision",
  question: "A question",
  task: "Something to do",
  on_watch: "Somebody begins or ends a watch",
};

function line(name: string, label: string, more: Partial<Field> = {}): Field {
  return { name, label, way: "line", ...more };
}

function choice(name: string, label: string, words: readonly string[], more: Partial<Field> = {}): Field {
  const options = words.map((word) => [word, capital(word)] as const);
  return { name, label, way: "choice", options, ...more };
}

const NEEDED = { needed: true } as const;
const STEP = choice("step", "Which step of “what to try” is it?", STEPS);
const MORE: Field = { name: "text", label: "Anything else", way: "area" };

const FIELDS: Readonly<Record<Kind, readonly Field[]>> = {
  note: [{ name: "text", label: "The note", way: "area", needed: true }],
  question: [{ name: "text", label: "What is not known yet?", way: "area", needed: true }],
  contact_attempt: [
    line("channel", "How did you try?", { needed: true, hint: "For example: phone, visit, message" }),
    line("label", "Which one?", { hint: "For example: their work number" }),
    choice("result", "What came of it?", RESULTS, NEEDED),
    STEP,
    MORE,
  ],
  sighting: [
    line("place", "Where?", NEEDED),
    line("company", "With whom?"),
    { name: "state", label: "How were they?", way: "area" },
  ],
  harm: [
    line("mechanism", "What happened?", { needed: true, hint: "For example: a fall, an avalanche, a bite" }),
    line("finding", "What is hurt or wrong?", NEEDED),
    { name: "suspected", label: "Is that suspected only?", way: "yes-no", needed: true },
  ],
  observation: [
    {
      ...choice("consciousness", "Consciousness", []),
      options: Object.entries(CONSCIOUSNESS).map(([letter, text]) => [
        letter,
        `${capital(text)} (${letter})`,
      ]),
    },
    ...RANGES.map(measuredField),
    { name: "oxygen", label: "Are they given oxygen?", way: "yes-no" },
    line("oxygen_how", "How is it given?"),
    line("breathing_quality", "How is the breathing?"),
    line("pulse_quality", "How is the pulse?"),
    line("pupils", "Pupils"),
    line("skin", "Skin"),
    line("device", "Measured with"),
    line("scale_2_by", "Clinician who said that SpO2 scale 2 applies"),
    MORE,
  ],
  treatment: [
    line("what", "What was given or done?", NEEDED),
    line("amount", "How much?", { hint: "A number, for example 1.5" }),
    line("unit", "Unit", { hint: "For example mg" }),
    choice("route", "By which way?", ROUTES),
    line("given_by", "Who gave it?"),
    line("effect", "What did it do?"),
  ],
  place: [
    line("name", "Name of the place", NEEDED),
    choice("standing", "What is it?", STANDINGS, NEEDED),
    { name: "minutes_away", label: "How many minutes away?", way: "number" },
    { name: "arrival", label: "Arrival", way: "moment" },
    MORE,
  ],
  document: [line("name", "Which document?", NEEDED), line("lies_at", "Where does it lie?", NEEDED)],
  decision: [
    line("what", "What was decided?", NEEDED),
    { name: "evidence", label: "Because of what?", way: "area", needed: true },
    line("decided_by", "Who decided?", NEEDED),
  ],
  task: [line("what", "What is to be done?", NEEDED), line("for_whom", "For whom is it?"), STEP],
  task_taken: [{ name: "text", label: "What will you do?", way: "area" }],
  task_reported: [
    choice("done", "Is it done?", DONE, NEEDED),
    { name: "text", label: "What came of it?", way: "area", needed: true },
  ],
  on_watch: [
    line("who", "Who?", NEEDED),
    { name: "begins", label: "Does the watch begin?", way: "yes-no", needed: true, hint: "No: it ends" },
  ],
  withdrawal: [],
};

function measuredField({ field, name, unit, least, greatest }: Range): Field {
  const one = field.endsWith(TENTHS) ? 10 : 1;
  const units = { "/min": "per minute", "%": "percent", "of 10": "0 none, 10 the worst" }[unit] ?? unit;
  const hint = field === "pain" ? units : `${units}, ${least / one} to ${greatest / one}`;
  return { name: field, label: capital(name), way: "number", hint: capital(hint) };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// Asking.

/** The fields of a kind, to be put into the form. Their names begin with `what-`, so that none meets another field. */
export function asked(kind: Kind): HTMLElement[] {
  const made = FIELDS[kind].map(fieldOf);
  if (kind === "observation") made.push(asReported());
  return made;
}

function fieldOf(field: Field): HTMLElement {
  const id = `what-${field.name}`;
  const optional = field.needed ? "" : " (optional)";
  const hintId = field.hint === undefined ? undefined : `${id}-hint`;
  const common = { id, name: id, "aria-describedby": hintId };
  const box = el("div", { class: "field" }, el("label", { for: id }, field.label + optional));
  if (field.hint !== undefined) box.append(el("p", { class: "hint", id: `${id}-hint` }, field.hint));
  box.append(controlOf(field, common));
  return box;
}

function controlOf(field: Field, common: Readonly<Record<string, string | undefined>>): HTMLElement {
  switch (field.way) {
    case "area":
      return el("textarea", { ...common, rows: "4", autocomplete: "off" });
    case "number":
      return el("input", { ...common, class: "short", inputmode: "decimal", autocomplete: "off" });
    case "moment":
      return el("input", { ...common, type: "datetime-local" });
    case "line":
      return el("input", { ...common, type: "text", autocomplete: "off", maxlength: "4000" });
    case "yes-no":
      return select(common, [
        ["yes", "Yes"],
        ["no", "No"],
      ]);
    case "choice":
      return select(common, field.options ?? []);
  }
}

function select(
  common: Readonly<Record<string, string | undefined>>,
  options: readonly (readonly [string, string])[],
): HTMLElement {
  const all = [["", "Choose, or leave it open"] as const, ...options];
  return el("select", common, ...all.map(([value, label]) => el("option", { value }, label)));
}

function asReported(): HTMLElement {
  const input = el("input", { type: "checkbox", id: "what-as_reported", name: "what-as_reported" });
  const text = "A value outside its range was told to me so; it stands as reported and enters no score";
  return el("div", { class: "choice" }, input, el("label", { for: "what-as_reported" }, text));
}

// Reading.

/** What the entry says, from what was typed. Throws ToMend, naming every field at once, and CaseRefused. */
export function said(form: HTMLFormElement, kind: Kind, zone: string, task: number | null): unknown {
  const problems: Problem[] = [];
  const found: Record<string, unknown> = {};
  const reported = form.querySelector<HTMLInputElement>('[name="what-as_reported"]')?.checked ?? false;
  const marked: string[] = [];
  for (const field of FIELDS[kind]) {
    const text = typed(form, `what-${field.name}`);
    const name = field.name;
    if (!text) {
      found[name] = null;
      if (field.needed) problems.push({ field: `what-${name}`, text: `Answer this: ${field.label}` });
      continue;
    }
    const value = valueOf(field, text, zone);
    const range = rangeOf(name);
    if (value === undefined) {
      problems.push({
        field: `what-${name}`,
        text: `${field.label} must be a number, or a time that exists.`,
      });
    } else if (range && outside(range, value as number)) {
      if (reported && name !== "pain") marked.push(name);
      else problems.push({ field: `what-${name}`, text: outsideOf(range, value as number) });
    }
    found[name] = value;
  }
  if (problems.length > 0) throw new ToMend(problems);
  if (kind === "observation") found["as_reported"] = marked;
  if (kind === "document") found["sha256"] = null;
  if (task !== null && kind.startsWith("task_")) found["task"] = task;
  if (kind === "withdrawal") found["stands"] = null;
  return KINDS[kind].read(found, "the entry");
}

function outside({ least, greatest }: Range, value: number): boolean {
  return value < least || value > greatest;
}

function outsideOf({ field, name, least, greatest }: Range, value: number): string {
  const [found, from, to] = [value, least, greatest].map((one) => shownWithUnit(field, one));
  const reported = field === "pain" ? "" : ", or tick that it was told to you so";
  return `${capital(name)} of ${found} lies outside ${from} to ${to}. Look at the number again${reported}.`;
}

/** The value of what was typed; nothing where it does not fit. */
function valueOf(field: Field, text: string, zone: string): unknown {
  if (field.way === "yes-no") return text === "yes";
  if (field.way === "moment") {
    const at = secondOf(text, zone);
    return at === undefined ? undefined : { at, zone, about: false };
  }
  if (field.way !== "number") return text;
  const number = Number(text.replace(",", "."));
  if (!Number.isFinite(number)) return undefined;
  if (field.name.endsWith(TENTHS)) return Math.round(number * 10);
  return Number.isInteger(number) ? number : undefined;
}

/**
 * The UTC second of a clock's reading in a zone, such as `2026-12-24T18:00`; nothing for one that the zone skips. Of a
 * reading that comes twice the later is meant, as on the command line.
 */
export function secondOf(text: string, zone: string): number | undefined {
  const civil = Date.parse(`${text}Z`) / 1000;
  if (!Number.isFinite(civil)) return undefined;
  const tried = [-86_400, 86_400].map((by) => civil - awaySeconds(civil + by, zone));
  const fits = tried.filter((at) => at + awaySeconds(at, zone) === civil);
  return fits.length > 0 ? Math.max(...fits) : undefined;
}

/** What a clock in that zone shows at an instant, as a field for date and time holds it. */
export function readingOf(at: number, zone: string): string {
  return new Date((at + awaySeconds(at, zone)) * 1000).toISOString().slice(0, 16);
}
