// Twin of `lastwords case AUTHOR sign free`: a keeper has spoken with an author who had said that they are not free.
import { part, post } from "../../client/api.js";
import { doing, get, given, show, whenSent } from "../../client/dom.js";
import { Me } from "../../client/me.js";
import { unlocked } from "../../client/unlocked.js";
import { KEEPER } from "../../signing/act.js";
import { problemsOf, running } from "./running.js";

const ACT = "free again";

export function freePage(): void {
  const form = get('[data-form="free"]', HTMLFormElement);
  form.hidden = false;
  whenSent(form, () => doing(form, "Signing.", () => unlocked(sign), problemsOf()));
}

async function sign(): Promise<void> {
  const author = given("author");
  const me = await Me.here();
  const document = me.signAct(ACT, author, KEEPER, { case: await running(author) });
  await post(`/watches/${part(author)}/case/signatures`, { document, act: ACT });
  get("[data-done]", HTMLElement).textContent = "You signed that you have spoken with them";
  get("[data-lines]", HTMLElement).textContent =
    "When two of you have signed it, their word is lifted and everything begins again in full.";
  show("done");
}
