// Twin of src/lastwords/signing/act.py: every other act that a person signs.
import { utf8 } from "./bytes.js";
import * as canonical from "./canonical.js";
import { type DocumentOf, kindOf } from "./documents.js";
import { count, digest, identifier, moment, oneOf, orNone, refuse } from "./shapes.js";

export const AUTHOR = "author";
export const KEEPER = "keeper";
export const RECIPIENT = "recipient";
export const ROLES = [AUTHOR, KEEPER, RECIPIENT] as const;

export const ACTS = [
  "leave seat",
  "restore seat",
  "alarm",
  "entry",
  "hold",
  "tried in person",
  "withdraw statement",
  "give share",
  "told",
  "home",
  "seen or heard",
  "not them",
  "recipient died",
  "recipient lives",
  "close case",
  "free again",
  "break glass",
  "deny",
  "cover notes anew",
  "record differs",
  "open",
  "later",
  "decline",
  "through someone else",
  "shares wanted",
  "trip",
  "take back",
  "recovery proven",
  "seal sheet",
  "keep case",
] as const;

/** `author` is whose plan it is about, `actor` who acts, `case` and `epoch` where there is a case. */
export type Act = DocumentOf<typeof Act>;
export const Act = kindOf(
  "act",
  {
    actor: identifier,
    role: oneOf(...ROLES),
    author: identifier,
    act: oneOf(...ACTS),
    case: orNone(identifier),
    epoch: orNone(count(0)),
    subject: orNone(identifier),
    body: orNone(digest),
    moment,
  },
  (act) => {
    if ((act.case === null) !== (act.epoch === null)) {
      throw refuse("act.epoch", "given with a case and only then");
    }
  },
);

/** The `body` of a "leave seat": SHA-256 over the three fingerprints of the successor's keys, joined by spaces. */
export function handedTo(sealing: string, signing: string, signIn: string): string {
  return canonical.digest(utf8(`${sealing} ${signing} ${signIn}`));
}
