// The pages of a keeper: one script, which does what the page's own file says.
import { given } from "../client/dom.js";
import { showKeyLine } from "../client/keyline.js";
import { actsPage, againPage, secondPage } from "./keeper/acts.js";
import { casePage } from "./keeper/case.js";
import { eightPage } from "./keeper/eight.js";
import { freePage } from "./keeper/free.js";
import { homePage } from "./keeper/home.js";
import { seatPage } from "./keeper/seat.js";
import { statementPage } from "./keeper/statement.js";
import { tellPage } from "./keeper/tell.js";
import { writePage } from "./keeper/write.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = {
  acts: actsPage,
  again: againPage,
  case: casePage,
  eight: eightPage,
  free: freePage,
  home: homePage,
  seat: seatPage,
  second: secondPage,
  statement: statementPage,
  tell: tellPage,
  write: writePage,
};

void showKeyLine();
void PAGES[given("page")]?.();
