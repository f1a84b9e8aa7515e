// Twin of src/lastwords/signing/session_answer.py: the answer to a sign-in challenge, signed with the sign-in key.
import { type DocumentOf, kindOf } from "./documents.js";
import { identifier, text } from "./shapes.js";

/** `origin` is where the person means to sign in, so that an answer given elsewhere is worth nothing here. */
export type SessionAnswer = DocumentOf<typeof SessionAnswer>;
export const SessionAnswer = kindOf("session-answer", {
  origin: text(255),
  account: identifier,
  challenge: text(128),
});
