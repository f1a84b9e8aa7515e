// The pages of an author that need a key: one script, which does what the page's own file says.
import { given } from "../client/dom.js";
import { showKeyLine } from "../client/keyline.js";
import { checkIn } from "./author/check_in.js";
import { compose } from "./author/compose.js";
import { keeper, keepers } from "./author/keepers.js";
import { people } from "./author/people.js";
import { plan, planCheck } from "./author/plan.js";
import { writing } from "./author/writing.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = {
  "check-in": checkIn,
  compose,
  keeper,
  keepers,
  people,
  plan,
  "plan-check": planCheck,
  writing,
};

void showKeyLine();
void PAGES[given("page")]?.();
