// The page of a keeper's shares, which belongs to no case: they are proven here, and saved in kits.
import { showKeyLine } from "../client/keyline.js";
import { sharesPage } from "./keeper/shares.js";

void showKeyLine();
sharesPage();
