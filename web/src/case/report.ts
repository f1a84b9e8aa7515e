// Twin of src/lastwords/case/report.py: the handover report, every sentence once; pages lay it out and add nothing.
import * as first from "./first_page.js";
import {
  goesIn,
  type Handover,
  type Involved,
  type Names,
  personOf,
  type Remark,
  remark,
  type Report,
  stateOf,
} from "./handover.js";
import { offset, shown } from "./moment.js";
import * as second from "./second_page.js";
import { sentence } from "./spoken.js";
import { fold, type Now, type TaskState } from "./state.js";

/** Compose the report. Refuses nothing: what cannot be read or is missing is said in it. */
export function compose(given: Handover): Report {
  const now = stateOf(given);
  const person = personOf(given);
  const names: Names = new Map(given.people.map((one) => [one.handle, one.name]));
  const { zone } = given.made;
  const rows = second.byTime(given.rows.filter((row) => goesIn(given, row)));
  return {
    title: `Handover report: ${given.author}`,
    about: `Case ${given.case}, opened ${shown(given.opened, zone)}.`,
    preface: preface(given),
    atmist: first.atmist(given, now, person),
    state: first.state(now, zone, names),
    not_measured: first.notMeasured(now),
    score: first.score(now, person, zone),
    ahead: first.ahead(given),
    events: rows.map((row) => second.event(row, now, zone, names)),
    trend: second.trend(now, person, zone),
    questions: questions(given, now, names),
    people: given.people.map((one) => [
      one.name,
      one.part + (watches(one, now) ? ", on watch now" : ""),
      one.reach ?? "",
    ]),
    verify: verify(given),
  };
}

function preface({ made, madeBy }: Handover): string[] {
  const { zone } = made;
  return [
    `Made ${shown(made, zone)}, by ${madeBy}. All times are ${zone} (${offset(made.at, zone)}).`,
    "Written by the people who were there, who need not be clinicians. Numbers in brackets are entries of the " +
      "timeline. It holds no words of the author for anybody.",
  ];
}

function questions(given: Handover, now: Now, names: Names): Remark[] {
  // What only keepers may read is not told, but it does answer and report.
  const whole = fold(given.rows, given.made.at);
  const open = new Set(whole.questions.map((fact) => fact.number));
  const ends = new Map(whole.tasks.map((task) => [task.number, task]));
  const asked = now.questions
    .filter((fact) => open.has(fact.number))
    .map((fact) => remark(sentence(fact.entry, given.made.zone), fact.number));
  const unfinished = now.tasks.flatMap((task) => taskRemark(task, ends.get(task.number) ?? task, names));
  const undosed = now.treatments.flatMap(({ entry: { what }, number }) => {
    const missing = [what.amount === null ? "dose" : "", what.route === null ? "route" : ""].filter(Boolean);
    return missing.length > 0
      ? [remark(`No ${missing.join(" and ")} is written down for ${what.what}`, number)]
      : [];
  });
  return [
    ...asked,
    ...unfinished,
    ...undosed,
    ...unstated(given),
    ...now.troubles.map((trouble) => remark(trouble)),
  ];
}

function taskRemark(task: TaskState, end: TaskState, names: Names): Remark[] {
  if (end.reported === null) {
    const taker = task.takenBy === null ? "taken" : `taken by ${names.get(task.takenBy) ?? task.takenBy}`;
    const who = end.takenBy === null ? "nobody has taken it" : taker;
    return [remark(`Task not reported yet (${who}): ${task.task.what}`, task.number)];
  }
  return end.done ? [] : [remark(`Task reported as not done: ${task.task.what}`, task.number)];
}

function unstated({ sheet }: Handover): Remark[] {
  if (sheet === null)
    return [remark("Allergies, medicines, conditions and devices: nobody has stated them.")];
  return (["allergies", "medicines", "conditions", "devices"] as const)
    .filter((name) => sheet[name].said === "not stated")
    .map((name) => remark(`The medical sheet states no ${name}, not even that there are none.`));
}

function watches(one: Involved, now: Now): boolean {
  return now.onWatch.includes(one.handle) || now.onWatch.includes(one.name);
}

function verify({ log, handle, host }: Handover): string[] {
  const gaps =
    "Numbers that are missing in the timeline belong to entries that are no part of a handover. " +
    "Nothing was changed: a correction is an entry of its own.";
  if (log === null) {
    return [
      gaps,
      "The log's head was not known when this report was made, so it cannot be checked against it.",
    ];
  }
  return [
    gaps,
    `When this was made, the log of ${handle} at ${host} ended with row ${log.row}:`,
    (log.link.match(/.{1,8}/g) ?? []).join(" "),
    `To verify, any keeper runs “lastwords log show ${handle} --json”: it checks every link, and row ` +
      `${log.row} must show this value. If it does not, the log was changed: tell every keeper.`,
  ];
}
