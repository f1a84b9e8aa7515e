// The check-in page: "I'm here" from a phone's own key, from the key that is open in this tab, or from a passkey. It has a
// bundle of its own, since it is the page that is opened most often, and on the poorest lines.
import { showKeyLine } from "../client/keyline.js";
import { checkIn } from "./author/check_in.js";
import "./plain.js";

void showKeyLine();
void checkIn();
