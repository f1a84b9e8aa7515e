// The line under every page's head that says whether this tab holds the person's key, and locks or unlocks it.
import { el, find, given } from "./dom.js";
import { CHANGED, lock, recall } from "./keys.js";

/** Fill the line, now and whenever the key is unlocked or locked. */
export async function showKeyLine(handle = given("handle")): Promise<void> {
  if (!handle) return;
  document.addEventListener(CHANGED, () => void fill(handle));
  await fill(handle);
}

/** For pages that show what the key has opened: once it is locked, nothing of that stays on the screen. */
export function hideWithKey(handle = given("handle")): void {
  document.addEventListener(CHANGED, () => {
    void recall(handle).then((keys) => {
      if (!keys) location.reload();
    });
  });
}

async function fill(handle: string): Promise<void> {
  const line = find("[data-key-line]", HTMLElement);
  const state = find("[data-key-state]", HTMLElement);
  const act = find("[data-key-act]", HTMLElement);
  if (!line || !state || !act) return;
  const open = (await recall(handle)) !== undefined;
  state.textContent = open ? "Your key is open in this tab." : "Your key is locked in this tab.";
  const pressed = act.contains(document.activeElement);
  act.replaceChildren(open ? lockButton() : el("a", { href: toUnlock() }, "Open it"));
  if (pressed) act.querySelector<HTMLElement>("a, button")?.focus();
  line.hidden = false;
}

/** Where a person opens their key, and comes back from. */
export function toUnlock(): string {
  return `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
}

function lockButton(): HTMLElement {
  const button = el("button", { type: "button", class: "plain" }, "Lock it");
  button.addEventListener("click", () => void lock());
  return button;
}
