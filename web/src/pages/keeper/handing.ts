// Twin of src/lastwords/cli/report.py and bedside.py: the handover report and the page at the bed, composed in this browser
// from the entries that its keeper's key opens. Nothing of it is sent anywhere.
import type { Handover, Involved, Line, Remark, Report, StateRow } from "../../case/handover.js";
import { stateOf } from "../../case/handover.js";
import { picture } from "../../case/plot.js";
import { compose } from "../../case/report.js";
import { asText } from "../../case/text.js";
import { checkedHead } from "../../client/chain.js";
import { doing, el, get, given, type Child, whenSent } from "../../client/dom.js";
import { Me } from "../../client/me.js";
import { handOver } from "../../client/save.js";
import { unlocked } from "../../client/unlocked.js";
import { medicalSheet } from "./ahead.js";
import { listed } from "./entries.js";
import { problemsOf, type Running, running } from "./running.js";

/** Everything the report needs, and what is not in it. */
interface Gathered {
  readonly handover: Handover;
  readonly without: readonly string[];
}

async function gathered(keepersOnly: boolean): Promise<Gathered> {
  const author = given("author");
  const me = await Me.here();
  const found = await running(author);
  const rows = await listed(me, author, found, await me.sealed(author));
  const { sheet, why } = await medicalSheet(me, author);
  const zone = given("zone") || "UTC";
  const unread = rows.filter((row) => row.entry === null).map((row) => row.number);
  const handover: Handover = {
    case: found.number,
    author: found.name,
    handle: author,
    made: { at: Math.floor(Date.now() / 1000), zone, about: false },
    madeBy: given("name") || me.handle,
    opened: { at: found.opened, zone, about: false },
    host: location.origin,
    rows,
    people: peopleOf(found),
    sheet,
    log: await checkedHead(author),
    withKeepersOnly: keepersOnly,
  };
  const without = [
    ...(unread.length > 0 ? [`Not in it, since your key does not open them: ${unread.join(", ")}.`] : []),
    ...(why ? [why] : []),
  ];
  return { handover, without };
}

/** The keepers of a case by their names: who was called, and who was heard of in it since, in whatever way. */
function peopleOf(found: Running): readonly Involved[] {
  const there = new Set([
    ...found.answered,
    ...found.entries.map((row) => row.by),
    ...(found.statements ?? []).map((made) => made.keeper),
  ]);
  return found.people.map(({ handle, name, alternate }) => {
    const answer = there.has(handle) ? ", has answered" : ", called, no answer yet";
    return { handle, name, part: (alternate ? "alternate" : "keeper") + answer, reach: null };
  });
}

// The report.

export async function reportPage(): Promise<void> {
  const options = get('[data-form="options"]', HTMLFormElement);
  options.addEventListener("change", () => void made(options));
  whenSent(options, () => made(options));
  get("[data-print]", HTMLButtonElement).addEventListener("click", () => {
    window.print();
  });
  await made(options);
}

let text: { readonly name: string; readonly data: string } | undefined;

async function made(options: HTMLFormElement): Promise<void> {
  const work = async (): Promise<void> => {
    const { handover, without } = await gathered(new FormData(options).has("keepers-only"));
    const report = compose(handover);
    get("[data-report]", HTMLElement).replaceChildren(...pages(report));
    get("[data-without]", HTMLElement).replaceChildren(...without.map((line) => el("p", {}, line)));
    keepAsText(report, handover.case);
    options.hidden = false;
    get("[data-made]", HTMLElement).hidden = false;
  };
  const place = get("[data-making]", HTMLElement);
  await doing(place, "Opening the entries and making the report.", () => unlocked(work), problemsOf());
}

function keepAsText(report: Report, number: number): void {
  const first = text === undefined;
  text = { name: `case-${number}-report.txt`, data: asText(report) };
  if (!first) return;
  get("[data-save]", HTMLButtonElement).addEventListener("click", () => {
    if (!text) return;
    handOver(new Blob([text.data], { type: "text/plain;charset=utf-8" }), text.name);
  });
}

/** The three pages of the report, as on paper. */
function pages(report: Report): HTMLElement[] {
  return [firstPage(report), secondPage(report), thirdPage(report)];
}

function firstPage(report: Report): HTMLElement {
  const atmist = report.atmist.map((line) =>
    el(
      "tr",
      {},
      el("th", { scope: "row", class: "letter" }, line.letter),
      el("td", { class: "label" }, line.label),
      el("td", {}, ...remarks(line.said)),
    ),
  );
  return el(
    "section",
    { class: "report" },
    el("h2", { class: "report-title" }, report.title),
    el("p", {}, `${report.about} ${report.preface[0] ?? ""}`),
    ...report.preface.slice(1).map((sentence) => el("p", { class: "small" }, sentence)),
    el("table", { class: "atmist" }, el("tbody", {}, ...atmist)),
    el("h3", {}, "Current state"),
    ...stateOnPaper(report),
    ...scoreOnPaper(report),
    el("h3", {}, "What the author wrote ahead"),
    el("table", { class: "wrote" }, el("tbody", {}, ...report.ahead.map(aheadRow))),
  );
}

function aheadRow(line: Line): HTMLElement {
  return el("tr", {}, el("th", { scope: "row" }, line.label), el("td", {}, ...remarks(line.said)));
}

function stateOnPaper(report: Report): HTMLElement[] {
  if (report.state.length === 0)
    return [el("p", {}, "Nothing was observed."), el("p", {}, report.not_measured)];
  const rows = report.state.map((row) => [
    row.sign,
    row.value,
    `${row.ago} (${when(row.when)})`,
    row.known,
    String(row.number),
  ]);
  return [
    table("signs", ["Sign", "Value", "When", "How it is known", "Entry"], rows),
    el("p", { class: "small" }, report.not_measured),
  ];
}

function scoreOnPaper({ score }: Report): HTMLElement[] {
  const parts =
    score.parts.length === 0
      ? []
      : [
          table(
            "score",
            ["NEWS2", "Seen", "Points"],
            score.parts.map(([name, shown, points]) => [name, shown, String(points)]),
          ),
        ];
  return [
    el("p", {}, el("strong", {}, score.sentence)),
    ...parts,
    el("p", { class: "small" }, score.notes.join(" ")),
  ];
}

function secondPage(report: Report): HTMLElement {
  const rows = report.events.map((event) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, String(event.number)),
      el("td", {}, when(event.when)),
      el("td", {}, ...told(event.struck, `${event.kind}: ${event.text}`)),
      el("td", {}, event.known),
    ),
  );
  const heads = headRow(["Entry", "When", "What", "How it is known"]);
  return el(
    "section",
    { class: "report new-sheet" },
    paperHead(report, 2),
    ...trendOnPaper(report),
    el("h3", {}, "Timeline"),
    el("p", { class: "small" }, `Times are ${report.trend.zone}.`),
    scrolled(el("table", { class: "events" }, heads, el("tbody", {}, ...rows))),
  );
}

function told(struck: string | null, text: string): readonly Child[] {
  if (struck === null) return [text];
  return [el("strong", {}, `Struck out, ${struck}. `), el("s", {}, text)];
}

function trendOnPaper({ trend }: Report): HTMLElement[] {
  if (trend.rows.length === 0) return [];
  const drawn = picture(trend);
  drawn?.classList.add("picture");
  const marks = trend.marks.map((mark) => `${mark.letter}: ${mark.text}, ${when(mark.when)}`).join(" · ");
  const rows = trend.rows.map((row) => row.map(when));
  return [
    el("h3", {}, "Trend"),
    ...(drawn ? [scrolled(el("div", { class: "plot" }, drawn), "Picture of the trend")] : []),
    ...(marks ? [el("p", { class: "small" }, marks)] : []),
    ...(trend.note ? [el("p", { class: "small" }, trend.note)] : []),
    table("twin", trend.head, rows),
  ];
}

function thirdPage(report: Report): HTMLElement {
  const questions = report.questions.map((one) => el("li", {}, ...remarkOf(one)));
  return el(
    "section",
    { class: "report new-sheet" },
    paperHead(report, 3),
    el("h3", {}, "Open questions"),
    questions.length > 0 ? el("ul", { class: "questions" }, ...questions) : el("p", {}, "None."),
    el("h3", {}, "People"),
    report.people.length > 0
      ? table("people", ["Name", "Part", "To reach"], report.people)
      : el("p", {}, "Nobody is named."),
    el("h3", {}, "The log"),
    ...report.verify.map((line, at) => el("p", at === 2 ? { class: "code-line" } : { class: "small" }, line)),
  );
}

/** Sheets of paper get parted: each says whose it is. */
function paperHead(report: Report, page: number): HTMLElement {
  return el("p", { class: "only-paper small" }, `${report.title}, page ${page}. ${report.about}`);
}

// Parts.

function table(name: string, head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  const body = rows.map(([first = "", ...rest]) =>
    el("tr", {}, el("th", { scope: "row" }, first), ...rest.map((cell) => el("td", {}, cell))),
  );
  return scrolled(el("table", { class: name }, headRow(head), el("tbody", {}, ...body)));
}

function headRow(head: readonly string[]): HTMLElement {
  return el("thead", {}, el("tr", {}, ...head.map((name) => el("th", { scope: "col" }, name))));
}

/** A wide table is pushed sideways by itself, by keyboard too; the page never is. */
function scrolled(inner: HTMLElement, name = "Table"): HTMLElement {
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": name }, inner);
}

function remarks(said: readonly Remark[]): readonly Child[] {
  const [only] = said;
  if (said.length === 1 && only) return remarkOf(only);
  return [el("ul", { class: "bare" }, ...said.map((one) => el("li", {}, ...remarkOf(one))))];
}

function remarkOf({ text: sentence, entries }: Remark): readonly Child[] {
  if (entries.length === 0) return [sentence];
  return [`${sentence} `, el("span", { class: "entries" }, `[${entries.join(", ")}]`)];
}

function when(short: string): string {
  return short.replace("~", "about ");
}

// At the bed.

export async function bedPage(): Promise<void> {
  const again = get("[data-again]", HTMLButtonElement);
  again.addEventListener("click", () => void look());
  await look();
}

async function look(): Promise<void> {
  const work = async (): Promise<void> => {
    const { handover, without } = await gathered(false);
    const report = compose(handover);
    const names = new Map(handover.people.map((one) => [one.handle, one.name]));
    const watching = stateOf(handover).onWatch.map((one) => names.get(one) ?? one);
    const place = get("[data-bed]", HTMLElement);
    place.replaceChildren(
      el(
        "p",
        { class: "lead" },
        watching.length > 0 ? `On watch: ${watching.join(", ")}.` : "Nobody is on watch.",
      ),
      el("h2", {}, "Newest signs"),
      ...(report.state.length > 0 ? [el("dl", { class: "summary" }, ...report.state.map(signOf))] : []),
      el(
        "p",
        {},
        report.state.length > 0 ? report.not_measured : `Nothing was observed. ${report.not_measured}`,
      ),
      ...scoreOnPaper(report),
      ...trendOnPaper(report),
      ...without.map((line) => el("p", { class: "small" }, line)),
    );
    get("[data-made]", HTMLElement).hidden = false;
  };
  const place = get("[data-making]", HTMLElement);
  await doing(place, "Opening the entries.", () => unlocked(work), problemsOf());
}

function signOf(row: StateRow): HTMLElement {
  const how = el("span", { class: "hint" }, `${row.ago}, ${row.known} [${row.number}]`);
  return el("div", {}, el("dt", {}, row.sign), el("dd", {}, el("strong", {}, row.value), " ", how));
}
