// Twin of src/lastwords/case/text.py: the handover report as plain text, 78 columns, a form feed between its three pages.
import { type Event, type Line, remarked, type Report, type StateRow, type Trend } from "./handover.js";

const WIDTH = 78;
const LABEL = 19;
const PAGE_BREAK = "\f";

/** The whole report, ending with a line break. */
export function asText(report: Report): string {
  const pages = [
    [...first(report), ""],
    [`${report.title}, page 2`, "", ...second(report), ""],
    [`${report.title}, page 3`, "", ...third(report)],
  ];
  return `${pages.map((page) => page.join("\n")).join(`\n${PAGE_BREAK}\n`)}\n`;
}

function first(report: Report): string[] {
  return [
    report.title,
    "=".repeat(Array.from(report.title).length),
    report.about,
    ...report.preface.flatMap((sentence) => wrapped(sentence)),
    "",
    ...labelled(report.atmist),
    "",
    ...heading("Current state"),
    ...state(report.state),
    ...wrapped(report.not_measured),
    "",
    ...score(report),
    "",
    ...heading("What the author wrote ahead"),
    ...labelled(report.ahead),
  ];
}

function score(report: Report): string[] {
  const parts = report.score.parts.map(
    ([name, shown, points]) => `  ${`${name}:`.padEnd(LABEL + 7)}${shown.padEnd(26)}${points}`,
  );
  return [
    ...wrapped(report.score.sentence),
    ...parts,
    ...report.score.notes.flatMap((note) => wrapped(note)),
  ];
}

function labelled(lines: readonly Line[]): string[] {
  return lines.flatMap((line) =>
    line.said.flatMap((one, at) => {
      const label = at > 0 ? "" : line.letter ? `${line.letter}  ${line.label}` : line.label;
      return wrapped(remarked(one), `${label.padEnd(LABEL)} `, " ".repeat(LABEL + 1));
    }),
  );
}

function state(rows: readonly StateRow[]): string[] {
  const lines = rows.flatMap((row) =>
    wrapped(
      `${row.value}, ${row.ago} (${row.when}), ${row.known} [${row.number}]`,
      `${row.sign.padEnd(LABEL)} `,
      " ".repeat(LABEL + 1),
    ),
  );
  return lines.length > 0 ? lines : ["Nothing was observed."];
}

function second(report: Report): string[] {
  return [
    ...heading("Timeline"),
    ...report.events.flatMap(event),
    "",
    ...heading("Trend"),
    ...trend(report.trend),
  ];
}

function event({ number, when, kind, text, known, struck }: Event): string[] {
  const told = `${kind}: ${text} (${known})`;
  return wrapped(
    struck === null ? told : `Struck out, ${struck}: ${told}`,
    `[${number}]`.padEnd(6) + when.padEnd(14),
    " ".repeat(20),
  );
}

function trend({ rows, note, head, marks }: Trend): string[] {
  if (rows.length === 0) return ["Nothing was measured."];
  const looks = rows.flatMap((row) => {
    const names = head.slice(1, -1);
    const values = names.flatMap((name, at) => (row[at + 1] ? [`${name} ${row[at + 1] ?? ""}`] : []));
    const told = `${values.join(", ")} [${row.at(-1) ?? ""}]`;
    return wrapped(told, (row[0] ?? "").padEnd(14), " ".repeat(14));
  });
  const given = marks.map((mark) => `${mark.when.padEnd(14)}(${mark.letter}) ${mark.text}`);
  return [...(note ? wrapped(note) : []), ...looks, ...given];
}

function third(report: Report): string[] {
  const people = report.people.flatMap(([name, part, reach]) =>
    wrapped(`${name}: ${part}${reach ? `; ${reach}` : ""}`),
  );
  const questions = report.questions.flatMap((one) => wrapped(remarked(one), "- ", "  "));
  return [
    ...heading("Open questions"),
    ...(questions.length > 0 ? questions : ["None."]),
    "",
    ...heading("People"),
    ...(people.length > 0 ? people : ["Nobody is named."]),
    "",
    ...heading("The log"),
    ...report.verify.flatMap((sentence) => wrapped(sentence)),
  ];
}

function heading(text: string): string[] {
  return [text, "-".repeat(text.length)];
}

/** Lines of at most WIDTH characters, broken at white space alone: no word and no number is ever cut. */
function wrapped(text: string, begin = "", indent = ""): string[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const lines: string[] = [];
  let line = begin;
  let empty = true;
  for (const word of words) {
    const longer = empty ? line + word : `${line} ${word}`;
    if (!empty && Array.from(longer).length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else line = longer;
    empty = false;
  }
  return empty ? lines : [...lines, line];
}
