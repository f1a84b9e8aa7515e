// What an author seals ahead for the keepers: find-me and medical sheets, the notes of a trip, emergency notes.
import { given } from "../client/dom.js";
import { showKeyLine } from "../client/keyline.js";
import { notes } from "./author/notes.js";
import { sheet } from "./author/sheet.js";

const PAGES: Readonly<Record<string, () => void | Promise<void>>> = { notes, sheet };

void showKeyLine();
void PAGES[given("page")]?.();
