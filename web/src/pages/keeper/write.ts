// Writing an entry: what it is, what it says, of when it speaks, how its writer knows, who may read it.
import { type Entry, entryOf, Head, type Kind, KINDS } from "../../case/entries.js";
import { Moment } from "../../case/moment.js";
import { doing, el, get, given, show, typed, whenSent } from "../../client/dom.js";
import { Me } from "../../client/me.js";
import { comingBack, putBack } from "../../client/typed.js";
import { write } from "./entries.js";
import { asked, CHOSEN, readingOf, said, secondOf } from "./fields.js";
import { problemsOf, running, ToMend } from "./running.js";

interface Asked {
  readonly kind: Kind;
  readonly corrects: number | null;
  readonly answers: number | null;
  readonly task: number | null;
}

export async function writePage(): Promise<void> {
  const form = get('[data-form="write"]', HTMLFormElement);
  const about = wanted();
  form.hidden = false;
  const kinds = get('[name="kind"]', HTMLSelectElement, form);
  const names =
    about.kind in CHOSEN ? CHOSEN : { ...CHOSEN, [about.kind]: FOLLOWING[about.kind] ?? about.kind };
  for (const [kind, label] of Object.entries(names)) kinds.append(el("option", { value: kind }, label));
  if (about.corrects !== null) kinds.append(el("option", { value: "withdrawal" }, FOLLOWING.withdrawal));
  kinds.value = about.kind;
  kinds.addEventListener("change", () => {
    ask(form, kinds.value as Kind);
  });
  ask(form, about.kind);
  tellWhatItIsAbout(form, about);
  const zone = given("zone") || "UTC";
  get('[name="zone"]', HTMLInputElement, form).value = zone;
  const when = get('[name="when"]', HTMLInputElement, form);
  when.value = readingOf(Math.floor(Date.now() / 1000), zone);
  when.defaultValue = when.value;
  whenSent(form, () =>
    doing(form, "Signing and sealing the entry.", () => comingBack(() => send(form, about)), problemsOf()),
  );
  await putBack(form);
}

const FOLLOWING = {
  task_taken: "I take the task",
  task_reported: "What came of the task",
  withdrawal: "Nothing: the entry should not have been",
} as Readonly<Record<string, string>> & { readonly withdrawal: string };

function wanted(): Asked {
  const query = new URLSearchParams(location.search);
  const number = (name: string): number | null => {
    const found = Number(query.get(name));
    return Number.isInteger(found) && found > 0 ? found : null;
  };
  const named = query.get("kind") ?? "note";
  const kind = Object.hasOwn(KINDS, named) ? (named as Kind) : "note";
  return { kind, corrects: number("corrects"), answers: number("answers"), task: number("task") };
}

function ask(form: HTMLFormElement, kind: Kind): void {
  get("[data-fields]", HTMLElement, form).replaceChildren(...asked(kind));
}

function tellWhatItIsAbout(form: HTMLFormElement, { corrects, answers, task }: Asked): void {
  const place = get("[data-about]", HTMLElement, form);
  const sentences = [
    ...(corrects === null
      ? []
      : [`It takes the place of entry ${corrects}. That one stays to be seen, struck out.`]),
    ...(answers === null ? [] : [`It answers entry ${answers}.`]),
    ...(task === null ? [] : [`It is about task ${task}.`]),
  ];
  place.textContent = sentences.join(" ");
  place.hidden = sentences.length === 0;
  get("[data-why]", HTMLElement, form).hidden = corrects === null;
}

async function send(form: HTMLFormElement, about: Asked): Promise<void> {
  const author = given("author");
  const me = await Me.here();
  const entry = entryFrom(form, about, me.handle);
  const found = await running(author);
  const to = new FormData(form).get("audience") === "keepers" ? "keepers" : "case";
  const { number, leftOut } = await write(me, author, found, entry, to);
  get("[data-written]", HTMLElement).textContent = `It stands in the case as entry ${number}.`;
  get("[data-left-out]", HTMLElement).textContent =
    leftOut.length === 0
      ? ""
      : `It is not sealed to ${leftOut.join(", ")}: the author has not vouched for their keys.`;
  show("written");
}

function entryFrom(form: HTMLFormElement, about: Asked, by: string): Entry {
  const kind = typed(form, "kind") as Kind;
  const head = headFrom(form, about, by);
  const what = said(form, kind, head.when.zone, about.task);
  return entryOf(kind, head, what as Parameters<typeof entryOf>[2]);
}

function headFrom(form: HTMLFormElement, { corrects, answers }: Asked, by: string): Head {
  const chosen = new FormData(form);
  const way = chosen.get("way");
  const of = typed(form, "of") || null;
  if (way !== "own sight" && of === null) {
    throw new ToMend([{ field: "of", text: "Say from whom you heard it, or which document it is" }]);
  }
  const why = typed(form, "why") || null;
  if (corrects !== null && why === null) {
    throw new ToMend([{ field: "why", text: `Say why entry ${corrects} was wrong` }]);
  }
  const source = way === "own sight" ? { way, of: null } : { way, of };
  return Head.read(
    {
      when: whenFrom(form, chosen.has("roughly")),
      by,
      source,
      corrects,
      why: corrects === null ? null : why,
      answers,
      person: typed(form, "person") || null,
    },
    "the entry",
  );
}

function whenFrom(form: HTMLFormElement, about: boolean): Moment {
  const zone = typed(form, "zone");
  const field = get('[name="when"]', HTMLInputElement, form);
  const now = Math.floor(Date.now() / 1000);
  const untouched = field.value === field.defaultValue && zone === given("zone");
  const at = untouched ? now : secondOf(field.value, zone);
  if (at === undefined) {
    throw new ToMend([{ field: "when", text: "Enter a day and time that there was in this zone" }]);
  }
  return Moment.of({ at, zone, about });
}
