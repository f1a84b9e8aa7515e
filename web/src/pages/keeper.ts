// The pages of a keeper: one script, which does what the page's own file says.
import { given } from "../client/dom.js";
import { showKeyLine } from "../client/keyline.js";
import { casePage } from "./keeper/case.js";
import { freePage } from "./keeper/free.js";
import { homePage } from "./keeper/home.js";
import { sharesPage } from "./keeper/shares.js";
import { statementPage } from "./keeper/statement.js";
import { tellPage } from "./keeper/tell.js";
import { writePage } from "./keeper/write.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = {
  case: casePage,
  free: freePage,
  home: homePage,
  shares: sharesPage,
  statement: statementPage,
  tell: tellPage,
  write: writePage,
};

void showKeyLine();
void PAGES[given("page")]?.();
