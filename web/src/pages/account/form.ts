// A form that a script answers: found by its name, done once at a time, and told what went wrong.
import { doing, find, get, whenSent } from "../../client/dom.js";
import { toUnlock } from "../../client/keyline.js";
import { told, type Places, wantsProof } from "../../client/refusals.js";

export interface Form {
  /** What the status says while it is done. */
  readonly text: string;
  readonly work: (form: HTMLFormElement) => Promise<void>;
  /** Fields by the code of a refusal; `here` for what this browser refuses. */
  readonly places?: Places;
}

/** Let a script answer the form of that name; a page without it is left alone. */
export function form(name: string, { text, work, places = {} }: Form): HTMLFormElement | undefined {
  const found = find(`[data-form="${name}"]`, HTMLFormElement);
  whenSent(found, (form) =>
    doing(
      form,
      text,
      async () => {
        try {
          await work(form);
        } catch (error) {
          if (!wantsProof(error)) throw error;
          location.assign(toUnlock());
        }
      },
      told(places),
    ),
  );
  return found;
}

/** Put a text into every element that waits for it (`data-<name>`). */
export function fill(name: string, text: string): void {
  get(`[data-${name}]`, HTMLElement).textContent = text;
}
