// The pages of an account: one script for all of them, each doing what its own file says.
import { given } from "../client/dom.js";
import { showKeyLine } from "../client/keyline.js";
import { account } from "./account/account.js";
import { authenticator } from "./account/authenticator.js";
import { codes } from "./account/codes.js";
import { devices } from "./account/devices.js";
import { invited, join } from "./account/join.js";
import { askForKeys, newKeys } from "./account/new_keys.js";
import { sheet } from "./account/sheet.js";
import { signIn } from "./account/sign_in.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = {
  account,
  "ask-new-keys": askForKeys,
  authenticator,
  codes,
  devices,
  invited,
  join,
  "new-keys": newKeys,
  sheet,
  "sign-in": signIn,
};

void showKeyLine();
void PAGES[given("page")]?.();
