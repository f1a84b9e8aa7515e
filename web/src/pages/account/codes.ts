// Paper codes: drawn here; the host gets a salt and a hash of each. The list is on the page, ready to print, before any
// of it counts.
import { post } from "../../client/api.js";
import { el, get, given } from "../../client/dom.js";
import { below } from "../../client/keys.js";
import { concat, hex, random, sha256Hex, utf8 } from "../../signing/bytes.js";
import { form } from "./form.js";
import { offerPrinting } from "./sheet.js";

/** Without those that look alike on paper: i, l, o, 0, 1. */
const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 16;
const COUNT = 20;

export function codes(): void {
  form("codes", {
    text: "Making the list.",
    work: async (shown) => {
      const made = Array.from({ length: COUNT }, () =>
        Array.from({ length: LENGTH }, () => LETTERS.charAt(below(LETTERS.length))).join(""),
      );
      const line = lineOf(shown);
      await post(`/watches/${given("handle")}/paper-codes`, { codes: made.map(hashed), under_force: line });
      shown.reset();
      const paper = get("[data-sheet]", HTMLElement);
      paper.replaceChildren(...printed(made));
      paper.hidden = false;
      shown.hidden = true;
      offerPrinting().focus();
    },
  });
}

/** The line of the word under force, null for none. It is sent along and stands nowhere afterwards, on no page or paper. */
function lineOf(shown: HTMLFormElement): number | null {
  const chosen = Number(get('[name="line"]', HTMLInputElement, shown).value);
  return Number.isInteger(chosen) && chosen >= 1 && chosen <= COUNT ? chosen : null;
}

function hashed(code: string): { salt: string; hash: string } {
  const salt = random(16);
  return { salt: hex(salt), hash: sha256Hex(concat(salt, utf8(code))) };
}

function printed(made: readonly string[]): Node[] {
  const spaced = made.map((code) => el("li", {}, code.replace(/(.{4})(?=.)/g, "$1-")));
  return [
    el("h2", {}, `Paper codes of ${given("name")}`),
    el(
      "p",
      {},
      `Each code says “I'm here” once, at ${given("origin")}/code, without signing in. Your handle is ${given("handle")}. ` +
        "Strike it out when used. Send one to nobody, except in answer to a reminder which says that you can.",
    ),
    el("p", {}, `Printed on: ${new Date().toISOString().slice(0, 10)}`),
    el("div", { class: "code", translate: "no" }, el("ol", {}, ...spaced)),
  ];
}
