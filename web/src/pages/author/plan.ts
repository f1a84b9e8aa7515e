// Twin of src/lastwords/cli/plan.py: the check page's terms, signed over their canonical text and sent as they are.
import { part, post } from "../../client/api.js";
import { get } from "../../client/dom.js";
import { type Me, now } from "../../client/me.js";
import * as canonical from "../../signing/canonical.js";
import { PlanTerms } from "../../signing/plan_terms.js";
import { Refused } from "../../signing/refusals.js";
import { form } from "../account/form.js";
import { locked, reveal } from "./pages.js";
import { believed, OlderPlan } from "./terms.js";

type Chosen = Record<string, number | boolean>;

/** The check page of a plan. What the page asks for stands in its form; all other terms stay as they are. */
export async function planCheck(): Promise<void> {
  const me = await locked();
  if (!me) return;
  form("arm", {
    text: "Signing your terms.",
    work: async (shown) => {
      try {
        await arm(me, chosenIn(shown), new FormData(shown).get("from_older") === "yes");
      } catch (error) {
        if (error instanceof OlderPlan) get("[data-restored]", HTMLElement, shown).hidden = false;
        throw error;
      }
      location.assign("/plan");
    },
  });
  reveal();
}

function chosenIn(shown: HTMLFormElement): Chosen {
  const fields = new FormData(shown);
  const chosen: Chosen = { timer_only: fields.get("timer_only") === "yes" };
  for (const field of shown.querySelectorAll<HTMLInputElement>("input[data-term]")) {
    chosen[field.name] = Number(field.value);
  }
  return chosen;
}

async function arm(me: Me, chosen: Chosen, older: boolean): Promise<void> {
  const state = await believed(me, { older });
  const newest = Math.max(state.armed ? state.plan.version : 0, me.pins.planSeen());
  const terms = { ...state.plan, ...chosen, version: newest + 1 };
  await checkQuorum(me, terms);
  const document = me.sign(PlanTerms, {
    author: me.handle,
    plan_version: terms.version,
    terms: canonical.digest(canonical.encode(terms)),
    moment: now(),
  });
  await post(`/watches/${part(me.handle)}/plan`, { terms, document });
  await me.pins.seePlan(terms.version);
}

/**
 * Words that more keepers have to open than the plan asks would be given and not be opened; with fewer, keepers could
 * open them whom the plan does not let. The machine refuses both; here is said which words they are.
 */
async function checkQuorum(me: Me, terms: Chosen): Promise<void> {
  const quorum = Number(terms["quorum"]);
  if (terms["timer_only"] === true) return;
  for (const { row, manifest } of await me.sealed(me.handle)) {
    const { k, recipient } = manifest.document;
    if (row.taken_back || k === 0 || k === quorum) continue;
    throw new Refused(
      `The words for ${recipient} need ${k} keepers to be opened, and this plan asks ${quorum}. It was not made active.`,
      `Choose ${k} here, or seal those words again with the number ${quorum}: it stands under “Who opens it”.`,
    );
  }
}

/** The page of the plan itself needs no key; it says where one is locked. */
export function plan(): void {
  const shown = get('[name="timer_only"]', HTMLInputElement).form;
  const price = get("[data-price]", HTMLElement);
  const ofKeepers = get("[data-of-keepers]", HTMLElement);
  const follow = (): void => {
    const alone = new FormData(shown ?? undefined).get("timer_only") === "yes";
    ofKeepers.hidden = alone && !ofKeepers.querySelector(".error"); // what is wrong can be mended where it is said
    price.hidden = !alone;
  };
  shown?.addEventListener("change", follow);
  follow();
}
