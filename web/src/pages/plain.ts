// Pages that need no key of the author: "I'm here" from a phone. Without this script the same pages take a paper code.
import { answered, keepPhone, phone, type Answered, type Phone } from "../phone/kept.js";
import { makePhone, press, send, type Outcome } from "../phone/press.js";

const WORKER = "/phone-worker.js";

function part(name: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-${name}]`);
}

function show(name: string, shown = true): void {
  const found = part(name);
  if (found) found.hidden = !shown;
}

function day(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
  });
}

function spoken(outcome: Outcome): string {
  switch (outcome.is) {
    case "taken":
      if (outcome.stage === "closing") {
        return "Welcome. Nothing is given now, and your keepers are asked whether it is really you.";
      }
      return outcome.due === null ? "Thank you." : `Thank you. Next check-in by ${day(outcome.due * 1000)}.`;
    case "kept": {
      const at = new Date(outcome.at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
      return `Saved on this phone ${at}, not sent yet. It goes when this page is open and there is signal, within a day.`;
    }
    case "refused":
      return outcome.says;
  }
}

function say(outcome: Outcome | undefined): void {
  const line = part("answer");
  if (line && outcome) line.textContent = spoken(outcome);
}

/** What became of the last press that the host answered, for whoever opens the page later. */
function recalled({ at, answer }: Answered): string {
  const press = `Your last press on this phone, ${day(at)}`;
  return answer.is === "taken" ? `${press}, has arrived.` : `${press}, was refused. ${answer.says}`;
}

async function recall(): Promise<void> {
  const [line, last] = [part("answer"), await answered()];
  if (line?.textContent === "" && last) line.textContent = recalled(last);
}

/** The button of a phone that is a way to check in, and what may still wait to be sent. */
async function ready(own: Phone): Promise<void> {
  show("check-in");
  const details = part("by-code");
  if (details instanceof HTMLDetailsElement) details.open = false;
  const button = part("here");
  let busy = false;
  button?.addEventListener("click", () => {
    if (busy) return;
    busy = true;
    void press(own)
      .then(say)
      .finally(() => {
        busy = false;
      });
  });
  const trySending = async (): Promise<void> => {
    say(await send(own));
  };
  addEventListener("online", () => void trySending());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void trySending();
  });
  await trySending();
}

/** The check-in page of somebody who is signed in: here a phone becomes a way to check in. */
async function onCheckIn(section: HTMLElement): Promise<void> {
  const { author = "", host = "", now = "0" } = section.dataset;
  const offset = Number(now) - Math.floor(Date.now() / 1000);
  const known = new Map(
    [...document.querySelectorAll<HTMLElement>("[data-public-key]")].map((one) => [
      one.dataset["publicKey"] ?? "",
      one.dataset["credential"] ?? "",
    ]),
  );
  let own = await phone();
  const credential = own === undefined ? undefined : known.get(own.publicKey);
  if (own?.author === author && own.host === host && credential !== undefined) {
    own = { ...own, credential, offset };
    await keepPhone(own);
    show("paired");
    section.hidden = false;
    await ready(own);
    return;
  }
  const form = document.querySelector<HTMLFormElement>("form[data-pair]");
  if (!form || !("subtle" in crypto)) return;
  form.hidden = false;
  section.hidden = false;
  form.addEventListener("submit", (event) => {
    const field = form.elements.namedItem("public_key");
    if (!(field instanceof HTMLInputElement) || field.value !== "") return;
    event.preventDefault();
    void (async () => {
      const before = await phone();
      const again = before?.author === author && before.host === host && before.credential === "";
      field.value = (again ? before : await makePhone(author, host, offset)).publicKey;
      form.requestSubmit();
    })();
  });
}

/** The phone's own page, which needs no session and opens without signal. */
async function onPhonePage(): Promise<void> {
  const own = await phone();
  if (own === undefined || own.credential === "") {
    show("unpaired");
    return;
  }
  const later = keepPageForLater();
  await ready(own);
  await recall();
  await later;
}

interface PolicyMaker {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

async function keepPageForLater(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const maker = (globalThis as { trustedTypes?: PolicyMaker }).trustedTypes;
  // The one address that the page's policy lets this become a script.
  const url = maker
    ? maker.createPolicy("phone-worker", { createScriptURL: () => WORKER }).createScriptURL("")
    : WORKER;
  await navigator.serviceWorker.register(url, { scope: "/phone" });
}

const section = part("phone");
if (section) void onCheckIn(section);
if (part("phone-page")) void onPhonePage();
