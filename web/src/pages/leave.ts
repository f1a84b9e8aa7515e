// Leaving at once, in quiet mode: the page is gone before anything is asked of the host, and going back leads to no page
// of somebody who is signed in. A browser's history stays what it is; the page of quiet mode says so.

const PRESSES = 3;
const WITHIN = 5000;
/** Milliseconds within which Shift is pressed so often, and nothing else. */

function leave(form: HTMLFormElement): void {
  const body = new FormData(form);
  document.documentElement.hidden = true;
  document.title = "";
  // What the tab holds of an open key is of no use without this half of it.
  sessionStorage.clear();
  void fetch(form.action, { method: "POST", body, keepalive: true, credentials: "same-origin" });
  location.replace(form.dataset["leave"] ?? "about:blank");
}

const form = document.querySelector<HTMLFormElement>("form[data-leave]");
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave(form);
  });
  let presses: number[] = [];
  addEventListener("keyup", ({ key }) => {
    const now = Date.now();
    presses = key === "Shift" ? [...presses.filter((at) => now - at < WITHIN), now] : [];
    if (presses.length >= PRESSES) leave(form);
  });
}
