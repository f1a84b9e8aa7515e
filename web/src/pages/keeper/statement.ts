// What a keeper found out: chosen, looked at once more, signed, and taken back.
import { part, post } from "../../client/api.js";
import { doing, el, find, get, given, show, typed, whenSent } from "../../client/dom.js";
import { Me } from "../../client/me.js";
import { comingBack, putBack } from "../../client/typed.js";
import { KEEPER } from "../../signing/act.js";
import { utf8 } from "../../signing/bytes.js";
import { EVIDENCE, FINDINGS, GIVING } from "../../signing/statement.js";
import { sealTo } from "./entries.js";
import { type Evidence, type Finding, goingAlong, make, seatWith, whatItCountsFor } from "./giving.js";
import { held } from "./held.js";
import { problemsOf, running, type TrackRow, ToMend } from "./running.js";

interface Answered {
  readonly finding: Finding;
  readonly evidence: Evidence;
  readonly text: string;
}

export async function statementPage(): Promise<void> {
  const form = get('[data-form="statement"]', HTMLFormElement);
  form.hidden = false;
  whenSent(form, () =>
    doing(form, "Looking at your shares.", () => comingBack(() => check(form)), problemsOf()),
  );
  const signing = get('[data-form="sign"]', HTMLFormElement);
  whenSent(signing, () =>
    doing(signing, "Signing. This takes a few seconds.", () => comingBack(() => sign(form)), problemsOf()),
  );
  get("[data-change]", HTMLElement).addEventListener("click", () => show("form"));
  const back = find('[data-form="retract"]', HTMLFormElement);
  whenSent(back, (back) => doing(back, "Signing.", () => comingBack(retract), problemsOf()));
  await putBack(form);
}

function answered(form: HTMLFormElement): Answered {
  const chosen = new FormData(form);
  const finding = FINDINGS.find((one) => one === chosen.get("finding"));
  const evidence = EVIDENCE.find((one) => one === chosen.get("evidence"));
  if (!finding || !evidence) {
    throw new ToMend([
      ...(finding ? [] : [{ field: "finding", text: "Choose what you found out" }]),
      ...(evidence ? [] : [{ field: "evidence", text: "Choose how you know" }]),
    ]);
  }
  return { finding, evidence, text: typed(form, "text") };
}

/** What was answered, in the words of the form, and what goes along when it is signed. */
async function check(form: HTMLFormElement): Promise<void> {
  const { finding, text } = answered(form);
  const me = await Me.here();
  const along = GIVING.includes(finding) ? goingAlong(await held(me, given("author")), finding) : [];
  const recipients: string[] = [];
  for (const { manifest } of along) recipients.push((await me.shownKeys(manifest.document.recipient)).name);
  const rows: [string, string][] = [
    ["What you found out", labelOf(form, "finding")],
    ["How you know", labelOf(form, "evidence")],
    ["In your words", text || "Nothing"],
    [
      "Your shares",
      recipients.length > 0 ? `Given for the words for ${recipients.join(", ")}` : "Stay closed",
    ],
  ];
  const list = rows.map(([key, value]) =>
    el("div", {}, el("dt", {}, key), el("dd", { class: "preserved" }, value)),
  );
  get("[data-check]", HTMLElement).replaceChildren(...list);
  get("[data-shares-go]", HTMLElement).hidden = recipients.length === 0;
  show("check");
}

function labelOf(form: HTMLFormElement, name: string): string {
  const chosen = get(`[name="${name}"]:checked`, HTMLInputElement, form);
  return chosen.labels?.[0]?.firstChild?.textContent?.trim() ?? chosen.value;
}

async function sign(form: HTMLFormElement): Promise<void> {
  const author = given("author");
  const { finding, evidence, text } = answered(form);
  const me = await Me.here();
  const found = await running(author);
  const sealed = text ? await sealTo(me, author, found.audience?.keepers ?? [], utf8(text)) : undefined;
  const back = new FormData(form).has("step-back");
  const said = await make(me, author, found, finding, evidence, sealed?.body, back);
  const seat = await seatWith(author);
  const names = new Map<string, string>();
  for (const { recipient } of said.tracks) names.set(recipient, (await me.shownKeys(recipient)).name);
  const nameOf = ({ recipient }: TrackRow): string => names.get(recipient) ?? recipient;
  const lines = whatItCountsFor(said, seat, nameOf);
  if (said.given.length > 0) {
    lines.push("Your shares went along, closed twice. Nobody can open them before the last call is over.");
  }
  if (said.text_left_out) {
    lines.push(
      "Your words were not kept: you have written as much in this case as one person may. The statement counts all the same; " +
        "tell the others by voice how you know.",
    );
  } else if (sealed && sealed.leftOut.length > 0) {
    lines.push(
      `Your words are not sealed to ${sealed.leftOut.join(", ")}: the author has not vouched for their keys.`,
    );
  }
  done("Your statement is signed", lines);
}

async function retract(): Promise<void> {
  const author = given("author");
  const me = await Me.here();
  const found = await running(author);
  const document = me.signAct("withdraw statement", author, KEEPER, { case: found });
  await post(`/watches/${part(author)}/case/statements/retract`, { document });
  done("Your statement is taken back", ["The shares that were given with it are deleted."]);
}

function done(title: string, lines: readonly string[]): void {
  get("[data-done]", HTMLElement).textContent = title;
  get("[data-lines]", HTMLElement).replaceChildren(...lines.map((line) => el("p", {}, line)));
  show("done");
}
