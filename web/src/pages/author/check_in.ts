// Twin of src/lastwords/cli/here.py: “I'm here” by one press, signed with the key that is open in this tab. Where it is
// locked, a passkey of the author's says it as well.
import { part, post, read, Refusal } from "../../client/api.js";
import { find, get, given } from "../../client/dom.js";
import { recall } from "../../client/keys.js";
import { Me, now } from "../../client/me.js";
import { asCheckIn, canUse } from "../../client/passkey.js";
import { told } from "../../client/refusals.js";
import { CheckIn, headsDigest } from "../../signing/check_in.js";
import { phone } from "../../phone/kept.js";

interface Answer {
  readonly stage: string;
  readonly next_due: number | null;
}

export async function checkIn(): Promise<void> {
  const bar = find("[data-here-by-key]", HTMLElement);
  const handle = given("handle");
  if (!bar) return;
  // A phone that is a way to check in has its own button, which needs no key.
  const own = await phone().catch(() => undefined);
  if (own?.author === handle && own.credential !== "") return;
  const open = (await recall(handle)) !== undefined;
  if (!open && !(await hasPasskey())) return;
  const press = open ? here : byPasskey;
  const button = get("button", HTMLButtonElement, bar);
  if (!open) button.textContent = "I'm here, with my passkey";
  bar.hidden = false;
  const code = find("[data-by-code]", HTMLDetailsElement);
  if (code) code.open = false;
  const line = get("[data-answer]", HTMLElement);
  let busy = false;
  button.addEventListener("click", () => {
    if (busy) return;
    busy = true;
    void press()
      .then((answer) => {
        line.textContent = greeting(answer);
      })
      .catch((error: unknown) => {
        line.textContent = told()(error)
          .map(({ text }) => text)
          .join(" ");
      })
      .finally(() => {
        busy = false;
      });
  });
}

async function hasPasskey(): Promise<boolean> {
  if (!canUse()) return false;
  return (await read<unknown[]>("/me/passkeys")).length > 0;
}

async function byPasskey(): Promise<Answer> {
  return post<Answer>(`/watches/${part(given("handle"))}/check-ins`, { passkey: await asCheckIn() });
}

/** A check-in above the highest number that the host has seen; another tab may have been sooner, once. */
async function here(): Promise<Answer> {
  const me = await Me.here();
  try {
    return await signed(me);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "counter_low") throw error;
    return signed(me);
  }
}

async function signed(me: Me): Promise<Answer> {
  const { counters } = await read<{ counters: Record<string, number> }>("/me");
  const document = me.sign(CheckIn, {
    host: location.origin,
    author: me.handle,
    moment: now(),
    counter: (counters["key"] ?? 0) + 1,
    heads: headsDigest(me.pins.heads(me.handle)),
  });
  return post<Answer>(`/watches/${part(me.handle)}/check-ins`, { document });
}

function greeting({ stage, next_due: due }: Answer): string {
  if (stage === "closing") {
    return "Welcome. Nothing is given now, and your keepers are asked whether it is really you.";
  }
  if (due === null) return "Thank you.";
  const form = {
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
  } as const;
  const zone = given("zone") || "UTC";
  const day = new Date(due * 1000).toLocaleString("en-GB", { ...form, timeZone: zone });
  return `Thank you. Next check-in by ${day}.`;
}
