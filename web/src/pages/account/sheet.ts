// The recovery sheet: put together here from the open key, printed by the browser, and proven by two of its words.
import { post } from "../../client/api.js";
import { el, find, get, given, land, mend, typed } from "../../client/dom.js";
import { below, fromPaper, recall } from "../../client/keys.js";
import { told } from "../../client/refusals.js";
import type { PersonKeys } from "../../sealing/person.js";
import { SLIP39_WORDS } from "../../sealing/slip39.js";
import { Act } from "../../signing/act.js";
import { sign } from "../../signing/documents.js";
import { fetchList } from "../../signing/lists.js";
import { BadKey } from "../../signing/refusals.js";
import { offerCamera } from "./camera.js";
import { fill, form } from "./form.js";
import { square } from "./picture.js";

/**
 * Places of the words that may be asked back, from 0. The others are not of the key alone: the first two and the last
 * three come out differently with every sheet that is printed, two more are the same on every sheet there is.
 */
const FIRST_ASKED = 4;
const LAST_ASKED = 29;

export async function sheet(): Promise<void> {
  const keys = await recall(given("handle"));
  const needs = find("[data-needs-key]", HTMLElement);
  if (needs) needs.hidden = keys !== undefined;
  if (!keys) return;
  await fetchList(SLIP39_WORDS);
  const words = keys.words();
  const paper = get("[data-sheet]", HTMLElement);
  paper.replaceChildren(...printed(keys, words));
  paper.hidden = false;
  offerPrinting();
  // On the screen only if asked for: others may look at it, and the words are to be read from the paper.
  get("[data-show-sheet]", HTMLButtonElement).addEventListener("click", () => {
    paper.classList.remove("only-paper");
  });
  prove(keys, words);
}

/** A button that prints the page. */
export function offerPrinting(): HTMLButtonElement {
  const print = get("[data-print]", HTMLElement);
  print.hidden = false;
  const button = get("button", HTMLButtonElement, print);
  button.addEventListener("click", () => {
    window.print();
  });
  return button;
}

/** The sheet's lines are those that the command line prints, so that either reads the other's. */
export function printed(keys: PersonKeys, words: readonly string[]): Node[] {
  const today = new Date().toISOString().slice(0, 10);
  const lines = [
    `Host: ${given("origin")}`,
    `Handle: ${given("handle")}`,
    `Name: ${given("name")}`,
    `Zone: ${given("zone")}`,
    `Printed on: ${today}`,
  ];
  const list = el(
    "ol",
    { class: "sheet-words", translate: "no" },
    ...words.map((word) => el("li", {}, word)),
  );
  return [
    el("h2", {}, `Recovery sheet of ${given("name")}`),
    el(
      "p",
      {},
      "What this is: your secret key on paper. Whoever holds it can act as you and read your own copies.",
    ),
    el("p", {}, "What it is not: it opens nobody else's words, and it is no check-in by itself."),
    el(
      "p",
      {},
      "What to do: keep it away from your devices. If they are lost, open the address below, choose “Sign in” and",
      " “Use a sheet or card”, and type the 33 words.",
    ),
    el("figure", {}, square(keys.secretKey, "Your secret key as a square to scan")),
    el("p", { class: "code" }, lines.join("\n")),
    el("p", { class: "code", translate: "no" }, keys.secretKey),
    el("p", {}, "The same key as 33 words:"),
    list,
    el(
      "p",
      { class: "small" },
      "Without this software: save the line AGE-SECRET-KEY-PQ-1… in a file, and use it with age 1.3 or newer.",
    ),
  ];
}

function prove(keys: PersonKeys, words: readonly string[]): void {
  const first = FIRST_ASKED + below(LAST_ASKED - FIRST_ASKED);
  const second = first + 1 + below(LAST_ASKED - first);
  get("[data-prove]", HTMLElement).hidden = false;
  fill("first", String(first + 1));
  fill("second", String(second + 1));
  const shown = form("prove", {
    text: "Writing it down.",
    work: async (typing) => {
      const wrong = (
        [
          ["first", first],
          ["second", second],
        ] as const
      ).filter(([name, at]) => typed(typing, name).toLowerCase() !== words[at]);
      if (wrong.length > 0) {
        mend(
          typing,
          wrong.map(([field, at]) => ({
            field,
            text: `Word ${at + 1} is another one on the sheet of this key. Look at the paper again.`,
          })),
        );
        return;
      }
      await proven(keys);
    },
  });
  if (shown) {
    offerCamera(shown, "", (text) => {
      void scanned(keys, text).catch((error: unknown) => {
        mend(shown, told()(error));
      });
    });
  }
}

async function scanned(keys: PersonKeys, text: string): Promise<void> {
  if ((await fromPaper(text)).secretKey !== keys.secretKey) {
    throw new BadKey(
      "That is the sheet of another key. Nothing was changed.",
      "Scan the sheet printed here.",
    );
  }
  await proven(keys);
}

/** An author's host writes the proof down, signed; for anyone else it stays between them and the paper. */
async function proven(keys: PersonKeys): Promise<void> {
  const handle = given("handle");
  if (given("is-author") === "yes") {
    const moment = `${new Date().toISOString().slice(0, 19)}Z`;
    const none = { case: null, epoch: null, subject: null, body: null };
    const act = {
      actor: handle,
      role: "author",
      author: handle,
      act: "recovery proven",
      moment,
      ...none,
    } as const;
    const document = new TextDecoder().decode(sign(Act, act, keys.signing).data);
    try {
      await post(`/watches/${handle}/recovery-proof`, { document });
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "recovery_known")) throw error;
    }
  }
  get('[data-form="prove"]', HTMLFormElement).hidden = true;
  const said = get("[data-proven]", HTMLElement);
  said.hidden = false;
  land(said);
}
