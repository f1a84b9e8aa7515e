// What the author's pages share: they need an open key, and their buttons say what they do by name.
import { find, get, given } from "../../client/dom.js";
import { toUnlock } from "../../client/keyline.js";
import { recall } from "../../client/keys.js";
import { Me } from "../../client/me.js";

/** The person of this page with their key; where it is locked, the page shows where to open it, and this gives nothing. */
export async function locked(): Promise<Me | undefined> {
  const needs = find("[data-needs-key]", HTMLElement);
  const open = (await recall(given("handle"))) !== undefined;
  if (needs) needs.hidden = open;
  if (open) return Me.here();
  if (needs) get("a", HTMLAnchorElement, needs).href = toUnlock();
  return undefined;
}

/** Show what is done with the key, once everything on it can be pressed: what is pressed sooner would be lost. */
export function reveal(): void {
  for (const part of document.querySelectorAll<HTMLElement>("[data-with-key]")) part.hidden = false;
}

/** Let buttons (`data-do="<name>"`) do what their name says, but for those of a form that is busy. */
export function listen(acts: Readonly<Record<string, (button: HTMLElement) => unknown>>): void {
  for (const button of document.querySelectorAll<HTMLElement>("[data-do]")) {
    const act = acts[button.dataset["do"] ?? ""];
    if (!act) continue;
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") !== "true") act(button);
    });
  }
}
