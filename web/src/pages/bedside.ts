// The pages of a keeper that open and tell: emergency notes, sheets, how the author is, the report. A bundle of its own,
// since the other pages of a case need none of it.
import { given } from "../client/dom.js";
import { hideWithKey, showKeyLine } from "../client/keyline.js";
import { aheadPage } from "./keeper/ahead.js";
import { glassPage } from "./keeper/glass.js";
import { bedPage, reportPage } from "./keeper/handing.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = {
  ahead: aheadPage,
  bed: bedPage,
  glass: glassPage,
  report: reportPage,
};

void showKeyLine();
hideWithKey();
void PAGES[given("page")]?.();
