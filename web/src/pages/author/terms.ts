// Twin of src/lastwords/cli/terms.py: the terms of the author's own plan, believed because the author signed them.
//
// A host that could change these unseen could have words sealed for fewer keepers, or with no keepers' lock at all. What it
// shows counts only with the author's signature, and never an older plan than the newest known to be signed. Where nothing
// was signed yet, the terms are those of every new plan.
import { part, read } from "../../client/api.js";
import type { Me } from "../../client/me.js";
import { utf8 } from "../../signing/bytes.js";
import * as canonical from "../../signing/canonical.js";
import { read as readDocument } from "../../signing/documents.js";
import { PlanTerms } from "../../signing/plan_terms.js";
import { Refused } from "../../signing/refusals.js";

export type Terms = Record<string, number | boolean> & {
  readonly version: number;
  readonly quorum: number;
  readonly timer_only: boolean;
};

export interface Believed {
  readonly armed: boolean;
  readonly plan: Terms;
}

const HOUR = 3600;
const DAY = 24 * HOUR;

/** The terms with which every plan begins. */
export const FIRST: Terms = {
  version: 1,
  quorum: 3,
  timer_only: false,
  channels: 1,
  check_in_every: 30 * DAY,
  remind_before: 3 * DAY,
  remind_again: 3 * DAY,
  late: 7 * DAY,
  vigil: 4 * DAY,
  last_call: 2 * DAY,
  ask_again: 30 * DAY,
  closing: 14 * DAY,
  seasoning: 30 * DAY,
  spoken_hold: 14 * DAY,
  longest_hold: 30 * DAY,
  unreached: 14 * DAY,
  untold: 14 * DAY,
  survivorship: 120 * HOUR,
  alarm_rest: 30 * DAY,
  succession: 30 * DAY,
  home_signing: 90 * DAY,
  practice: 14 * DAY,
  call_next: 6 * HOUR,
  glass: 6 * HOUR,
  longest_trip: 400 * DAY,
  weak_in_row: 3,
};

/**
 * The author's plan as it stands. Throws Refused for terms that the author did not sign. With `older` also those of a
 * plan before the newest: a restored host has no others to go on from.
 */
export async function believed(me: Me, { older = false } = {}): Promise<Believed> {
  const { state, signed_plan: text } = await read<{ state: Believed; signed_plan: string | null }>(
    `/watches/${part(me.handle)}`,
  );
  const newest = me.pins.planSeen();
  const terms = canonical.digest(canonical.encode(state.plan));
  if (text === null) {
    const first = terms === canonical.digest(canonical.encode(FIRST));
    if (state.armed || !first) throw anotherPlan();
    if (newest > 0 && !older) throw new OlderPlan(0, newest);
    return state;
  }
  const { document } = readDocument(utf8(text), PlanTerms, await me.authorKey(me.handle, text));
  const said = [document.author, document.plan_version, document.terms].join("\n");
  if (said !== [me.handle, state.plan.version, terms].join("\n")) throw anotherPlan();
  if (document.plan_version < newest && !older) throw new OlderPlan(document.plan_version, newest);
  await me.pins.seePlan(document.plan_version);
  return state;
}

/** The refusal of a plan before the newest one that is known to be signed; version 0 is none at all. */
export class OlderPlan extends Refused {
  constructor(version: number, newest: number) {
    const shows = version > 0 ? `version ${version} of your plan` : "no plan of yours";
    super(
      `The host shows ${shows}, and version ${newest} was signed before. What it shows was not used; nothing was sealed ` +
        "or signed.",
      "If the host was restored, check your plan again and say so there when you sign it. If not, tell whoever runs it.",
    );
  }
}

function anotherPlan(): Refused {
  return new Refused(
    "The host shows other terms of your plan than those you signed last. They were not used; nothing was sealed or " +
      "signed, and the plan you signed is unharmed.",
    "Tell whoever runs the host.",
  );
}
