// The pages of a recipient: one script, which does what the page's own file says.
import { given } from "../client/dom.js";
import { hideWithKey, showKeyLine } from "../client/keyline.js";
import { words } from "./recipient/words.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = { words };

void showKeyLine();
hideWithKey();
void PAGES[given("page")]?.();
