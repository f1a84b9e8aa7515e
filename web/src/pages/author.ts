// People, keepers and the plan: whom an author relies on, and what they have signed of it.
import { given } from "../client/dom.js";
import { showKeyLine } from "../client/keyline.js";
import { keeper, keepers } from "./author/keepers.js";
import { people } from "./author/people.js";
import { plan, planCheck } from "./author/plan.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = {
  keeper,
  keepers,
  people,
  plan,
  "plan-check": planCheck,
};

void showKeyLine();
void PAGES[given("page")]?.();
