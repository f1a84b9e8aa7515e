// On a slow line somebody may press before the script that answers their form is there. A form that nobody answered is
// marked, and sent again by whoever comes to answer it (`whenSent` in client/dom.ts): no press is lost.
document.addEventListener("submit", (event) => {
  const { target, submitter } = event;
  if (event.defaultPrevented || !(target instanceof HTMLFormElement) || target.method !== "dialog") return;
  (submitter ?? target).dataset["pressed"] = "";
});
