// What needs the person's key and a session: where one of them is missing, the page goes where it is to be had, and comes
// back. It says nothing of a problem meanwhile: nothing went wrong, and the page that follows says what it wants.
import { Refusal } from "./api.js";
import { Leaving } from "./dom.js";
import { toUnlock } from "./keyline.js";
import { KeyLocked } from "./me.js";

/** Do what needs the key and a session; `first` is done before the page is left for them. Throws Leaving when it is. */
export async function unlocked<T>(work: () => Promise<T>, first?: () => Promise<void>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const ended = error instanceof Refusal && error.code === "sign_in";
    if (!ended && !(error instanceof KeyLocked)) throw error;
    await first?.();
    location.assign(toUnlock());
    throw new Leaving();
  }
}
