// What a page says when something was refused, by the host or by this browser: both parts, at the field it is about.
import { Refused } from "../signing/refusals.js";
import { Refusal } from "./api.js";
import type { Problem } from "./dom.js";

/** Fields by a refusal's code; what is not named is said for the whole form. */
export type Places = Readonly<Record<string, string>>;

/** The problems that an error amounts to. Anything but a refusal is a fault of ours, and is said as one. */
export function told(places: Places = {}): (error: unknown) => readonly Problem[] {
  return (error) => {
    if (!(error instanceof Refused)) {
      reportError(error);
      return [{ text: "Something failed in this page. What was kept before is unharmed. Load it again." }];
    }
    const text = `${error.happened} ${error.do}`;
    const field = error instanceof Refusal ? (places[error.code] ?? malformed(error)) : places["here"];
    return [{ text, field }];
  };
}

function malformed(refusal: Refusal): string | undefined {
  return refusal.code === "malformed" ? refusal.fields[0] : undefined;
}

/** Whether the host wants the person proven again; the page then goes where that is done, and comes back. */
export function wantsProof(error: unknown): boolean {
  return error instanceof Refusal && error.code === "prove_again";
}
