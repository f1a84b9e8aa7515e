// Writing: what is sealed for whom, and the page that is written on.
import { given } from "../client/dom.js";
import { showKeyLine } from "../client/keyline.js";
import { compose } from "./author/compose.js";
import { writing } from "./author/writing.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = { compose, writing };

void showKeyLine();
void PAGES[given("page")]?.();
