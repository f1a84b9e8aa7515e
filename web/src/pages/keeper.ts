// The pages of a keeper: one script, which does what the page's own file says.
import { given } from "../client/dom.js";
import { showKeyLine } from "../client/keyline.js";
import { casePage } from "./keeper/case.js";
import { writePage } from "./keeper/write.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = { case: casePage, write: writePage };

void showKeyLine();
void PAGES[given("page")]?.();
