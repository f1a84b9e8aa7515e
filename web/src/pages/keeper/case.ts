// The case on a keeper's page: the entries that their key opens, newest first, what to try, what is to do, who watches.
//
// The list stands still while somebody reads. New entries are announced, and shown when the reader asks for them.
import { climbed, GO_ON, type Climbed } from "../../case/ladder.js";
import { KIND_SPOKEN, sentence } from "../../case/spoken.js";
import { fold, type Logged, type Now, type TaskState } from "../../case/state.js";
import { spokenSource } from "../../case/entries.js";
import { shown as shownMoment } from "../../case/moment.js";
import { doing, el, find, get, given, land } from "../../client/dom.js";
import { hideWithKey, toUnlock } from "../../client/keyline.js";
import { KeyLocked, Me } from "../../client/me.js";
import { fromUtf8 } from "../../signing/bytes.js";
import { listed, opened } from "./entries.js";
import { dayOf, namesOf, problemsOf, type Running, running } from "./running.js";

const LOOK_AGAIN = 60_000;
/** Milliseconds after which new entries are looked for; nothing on the page moves because of it. */

let newest = 0;

export async function casePage(): Promise<void> {
  hideWithKey();
  await show();
  setInterval(() => {
    if (document.visibilityState === "visible") void lookForNew();
  }, LOOK_AGAIN);
}

async function show(): Promise<void> {
  const place = get("[data-entries]", HTMLElement);
  const around = place.parentElement ?? place;
  await doing(around, "Opening the entries.", fill, problemsOf());
}

async function fill(): Promise<void> {
  const author = given("author");
  const place = get("[data-entries]", HTMLElement);
  let me: Me;
  try {
    me = await Me.here();
  } catch (error) {
    if (!(error instanceof KeyLocked)) throw error;
    const link = el("a", { class: "button second", href: toUnlock() }, "Open my key");
    place.replaceChildren(el("p", {}, "Your key is locked in this tab. What was written is sealed. "), link);
    return;
  }
  const found = await running(author);
  const rows = await listed(me, author, found, await me.sealed(author));
  const state = fold(rows, Math.floor(Date.now() / 1000));
  newest = Math.max(0, ...found.entries.map((row) => row.number));
  place.replaceChildren(...entriesOf(found, rows, state));
  showWork(found, state);
  await showTexts(me, found);
}

async function lookForNew(): Promise<void> {
  if (newest === 0 && !find("[data-entries] ol", HTMLElement)) return;
  const found = await running(given("author")).catch(() => undefined);
  const count = found?.entries.filter((row) => row.number > newest).length ?? 0;
  const news = get("[data-news]", HTMLElement);
  if (count === 0 || news.childElementCount > 0) return;
  const button = el("button", { type: "button", class: "second" }, "Show what is new");
  button.addEventListener("click", () => {
    news.replaceChildren();
    void show().then(() => {
      land(get("[data-entries]", HTMLElement));
    });
  });
  news.replaceChildren(count === 1 ? "There is a new entry. " : `There are ${count} new entries. `, button);
}

// The entries.

function entriesOf(found: Running, rows: readonly Logged[], state: Now): Node[] {
  if (rows.length === 0) return [el("p", {}, "Nothing was written yet.")];
  const erased = new Set(found.entries.filter((row) => row.erased).map((row) => row.number));
  const names = namesOf(found);
  const list = el("ol", { class: "rows", reversed: true });
  for (const row of rows.toSorted((one, other) => other.number - one.number)) {
    list.append(
      entryOf(row, names, state.struck.get(row.number), erased.has(row.number), found.closed === null),
    );
  }
  const troubles = state.troubles.map((text) => el("p", { class: "small" }, text));
  return [...troubles, list];
}

function entryOf(
  row: Logged,
  names: ReadonlyMap<string, string>,
  struck: number | undefined,
  erased: boolean,
  open: boolean,
): HTMLElement {
  const { entry } = row;
  const who = names.get(row.by) ?? row.by;
  const marks = [
    ...(entry ? [KIND_SPOKEN[entry.kind]] : []),
    ...(row.keepersOnly ? ["keepers only"] : []),
    ...(row.passedOnBy === null ? [] : [`passed on by ${names.get(row.passedOnBy) ?? row.passedOnBy}`]),
    ...(entry && entry.head.source.of !== null ? [spokenSource(entry.head.source)] : []),
  ];
  const box = el("div", { class: "what" });
  box.append(el("strong", {}, `${row.number}. ${who}`), ` ${marks.join(", ").toLowerCase()}`);
  const nothing = erased ? "Erased: its time after the case was over." : "Sealed to others.";
  const text = entry ? sentence(entry, given("zone") || "UTC") : (row.trouble ?? nothing);
  box.append(el("div", { class: "preserved" }, struck === undefined ? text : el("s", {}, text)));
  if (struck !== undefined) box.append(el("span", { class: "hint" }, `Corrected by entry ${struck}.`));
  if (entry && entry.head.corrects !== null) {
    box.append(
      el("span", { class: "hint" }, `Corrects entry ${entry.head.corrects}: ${entry.head.why ?? ""}`),
    );
  }
  box.append(el("span", { class: "hint" }, timesOf(row), ...(open ? acts(row, struck) : [])));
  return el("li", { id: `entry-${row.number}` }, box);
}

/** When the host took it; and of when it speaks, where that is another time. */
function timesOf(row: Logged): string {
  const written = `Written on ${dayOf(row.at)}.`;
  const when = row.entry?.head.when;
  if (!when || (Math.abs(when.at - row.at) < 60 && !when.about)) return written;
  return `Of ${shownMoment(when)}. ${written}`;
}

function acts(row: Logged, struck: number | undefined): Node[] {
  const { entry } = row;
  if (!entry || struck !== undefined || entry.kind === "withdrawal") return [];
  const links: Node[] = [
    document.createTextNode(" "),
    toWrite("Correct it", row.number, { corrects: row.number, kind: entry.kind }),
  ];
  if (entry.kind === "question") {
    links.push(
      document.createTextNode(" · "),
      toWrite("Answer it", row.number, { answers: row.number, kind: "note" }),
    );
  }
  return links;
}

function toWrite(text: string, number: number, what: Readonly<Record<string, string | number>>): HTMLElement {
  const query = new URLSearchParams(Object.entries(what).map(([name, value]) => [name, String(value)]));
  const href = `${location.pathname}/write?${query.toString()}`;
  return el("a", { href }, text, el("span", { class: "hidden" }, ` (entry ${number})`));
}

// The work.

function showWork(found: Running, state: Now): void {
  const place = get("[data-work]", HTMLElement);
  const names = namesOf(found);
  const open = found.closed === null;
  const parts: Node[] = [];
  if (open && given("try")) {
    const rungs = climbed(state.standing.map((fact) => [fact.number, fact.entry] as const));
    parts.push(
      el("h2", {}, "What to try"),
      el("ol", {}, ...rungs.map((rung, at) => rungOf(rung, at + 1 < rungs.length))),
    );
  }
  if (state.tasks.length > 0) {
    const tasks = state.tasks.map((task) => taskOf(task, names, open));
    parts.push(el("h2", {}, "To do"), el("ul", { class: "rows" }, ...tasks));
  }
  if (state.onWatch.length > 0) {
    const watching = state.onWatch.map((one) => names.get(one) ?? one).join(", ");
    parts.push(el("h2", {}, "On watch"), el("p", {}, `${watching}.`));
  }
  if (state.questions.length > 0) {
    const asked = state.questions.map((fact) =>
      el("li", {}, `${fact.number}. ${sentence(fact.entry, "UTC")}`),
    );
    parts.push(el("h2", {}, "Not known yet"), el("ul", {}, ...asked));
  }
  place.replaceChildren(...parts);
  place.hidden = parts.length === 0;
}

function rungOf({ rung, tried }: Climbed, goOn: boolean): HTMLElement {
  const done = tried.length > 0 ? ` Tried: entry ${tried.join(", ")}.` : "";
  const more = goOn ? ` ${GO_ON}` : "";
  return el("li", {}, el("strong", {}, rung.what), `.${done} ${rung.how}${more}`);
}

function taskOf(one: TaskState, names: ReadonlyMap<string, string>, open: boolean): HTMLElement {
  const what = one.task.what + (one.task.for_whom === null ? "" : ` (for ${one.task.for_whom})`);
  const box = el("span", { class: "what" }, `${one.number}. ${what}`);
  const taker = one.takenBy === null ? "" : `Taken by ${names.get(one.takenBy) ?? one.takenBy}.`;
  if (one.reported !== null) {
    box.append(
      el("span", { class: "hint" }, `${one.done ? "Done" : "Not done"}, see entry ${one.reported}.`),
    );
  } else if (open) {
    const take = toWrite("Take it", one.number, { kind: "task_taken", task: one.number });
    const report = toWrite("Say what came of it", one.number, { kind: "task_reported", task: one.number });
    box.append(el("span", { class: "hint" }, `${taker} `, ...(taker ? [] : [take, " · "]), report));
  }
  return el("li", {}, box);
}

/** What keepers wrote with their statements, sealed to keepers. */
async function showTexts(me: Me, found: Running): Promise<void> {
  for (const made of found.statements ?? []) {
    const data = await opened(me, made.text);
    const place = find(`[data-statement="${CSS.escape(made.keeper)}"]`, HTMLElement);
    const text = data && fromUtf8(data)?.trim();
    if (place && text) place.textContent = `: “${text}”`;
  }
}
