// What a page says when something was refused, by the host or by this browser: both parts, at the field it is about.
import { Refused } from "../signing/refusals.js";
import { Refusal } from "./api.js";
import type { Problem } from "./dom.js";

/** A refusal of this browser's that is about one field of a form. */
export class Misplaced extends Refused {
  constructor(
    readonly field: string,
    happened: string,
    what: string,
  ) {
    super(happened, what);
  }
}

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
    return [{ text, field: placeOf(error, places) }];
  };
}

function placeOf(error: Refused, places: Places): string | undefined {
  if (error instanceof Refusal) return places[error.code] ?? malformed(error);
  return error instanceof Misplaced ? error.field : places["here"];
}

function malformed(refusal: Refusal): string | undefined {
  return refusal.code === "malformed" ? refusal.fields[0] : undefined;
}

/** Whether the host wants the person proven again; the page then goes where that is done, and comes back. */
export function wantsProof(error: unknown): boolean {
  return error instanceof Refusal && error.code === "prove_again";
}
