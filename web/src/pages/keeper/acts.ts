// What keepers sign together, each for themselves: that they tried in person, that a recipient has died or lives after
// all, that a seat may count again, and, as the second of two, another keeper's alarm or hold. Twin of parts of
// src/lastwords/cli/case.py and alarm.py.
import { part, post, read, Refusal } from "../../client/api.js";
import { get, given } from "../../client/dom.js";
import { type CaseHead, Me, momentOf } from "../../client/me.js";
import { KEEPER } from "../../signing/act.js";
import { checked, type Checked } from "./checked.js";
import { BY_QUORUM, restoring } from "./restoring.js";
import { running, ToMend } from "./running.js";
import { sealAgain } from "./entries.js";

export function actsPage(): void {
  checked("tried", "Looking at the case.", tried);
  checked("recipient-died", "Looking at the case.", recipientDied);
  checked("recipient-lives", "Looking at the case.", recipientLives);
  checked("restore", "Looking at the case.", restore);
}

function tried(): Checked {
  const author = given("author");
  return {
    title: "Look at it once more before you sign",
    rows: [["You sign", `I tried to reach ${given("author-name")} in person and did not find them.`]],
    note: "Where no mailbox takes a letter any more, what enough of you sign here stands for it. Sign only if you went there, or called by voice.",
    button: "Sign it",
    busy: "Signing.",
    work: async () => {
      await sign("tried in person", author);
      return { title: "You signed that you tried in person", lines: [BY_QUORUM] };
    },
  };
}

function recipientDied(form: HTMLFormElement): Checked {
  const author = given("author");
  const chosen = new FormData(form);
  const [recipient, order] = [chosen.get("recipient"), chosen.get("order")];
  if (typeof recipient !== "string" || typeof order !== "string") {
    throw new ToMend([
      ...(typeof recipient === "string" ? [] : [{ field: "recipient", text: "Choose who has died" }]),
      ...(typeof order === "string" ? [] : [{ field: "order", text: "Choose when" }]),
    ]);
  }
  const name = nameOf(form, "recipient");
  return {
    title: "Look at it once more before you sign",
    rows: [
      ["You sign", `${name} has died`],
      ["When", nameOf(form, "order")],
    ],
    note: "Once a quorum of you has signed it, whoever was to follow is given the words written for them; without anybody to follow the words stay sealed. If you were wrong, you can take it back until then.",
    button: "Sign it",
    busy: "Signing.",
    work: async () => {
      await sign("recipient died", author, recipient, order);
      return { title: `You signed that ${name} has died`, lines: [BY_QUORUM] };
    },
  };
}

function recipientLives(form: HTMLFormElement): Checked {
  const author = given("author");
  const recipient = new FormData(form).get("living");
  if (typeof recipient !== "string") throw new ToMend([{ field: "living", text: "Choose who lives" }]);
  const name = nameOf(form, "living");
  return {
    title: "Look at it once more before you sign",
    rows: [["You take back", `that ${name} has died`]],
    note: `The words for ${name} are unharmed. Whoever else signed it takes it back themselves.`,
    button: "Take it back",
    busy: "Signing.",
    work: async () => {
      await sign("recipient lives", author, recipient);
      return {
        title: `You took back that ${name} has died`,
        lines: [`Once too few of you say that ${name} died, they can be told of their words as before.`],
      };
    },
  };
}

/** The words of the choice that was made. */
function nameOf(form: HTMLFormElement, name: string): string {
  const found = get(`[name="${name}"]:checked`, HTMLInputElement, form);
  return found.labels?.[0]?.textContent.trim() ?? found.value;
}

async function sign(
  act: "tried in person" | "recipient died" | "recipient lives",
  author: string,
  recipient?: string,
  order?: string,
): Promise<void> {
  const me = await Me.here();
  const subject = recipient === undefined ? {} : { subject: [recipient, order].filter(Boolean).join(":") };
  const document = me.signAct(act, author, KEEPER, { case: await running(author), ...subject });
  await post(`/watches/${part(author)}/case/signatures`, { document, act, subject: recipient, order });
}

function restore(form: HTMLFormElement): Checked {
  const keeper = new FormData(form).get("restored");
  if (typeof keeper !== "string") {
    throw new ToMend([{ field: "restored", text: "Choose whose seat may count again" }]);
  }
  return restoring(keeper, nameOf(form, "restored"));
}

// Joining in as the second of two.

export function secondPage(): void {
  checked("second", "Looking at the case.", (form) => {
    const author = given("author");
    const chosen = new FormData(form);
    const [act, keeper] = [chosen.get("act"), chosen.get("keeper")];
    if ((act !== "alarm" && act !== "hold") || typeof keeper !== "string") {
      throw new ToMend([
        ...(act === null ? [{ field: "act", text: "Choose what you join in" }] : []),
        ...(typeof keeper === "string" ? [] : [{ field: "keeper", text: "Choose whom you join" }]),
      ]);
    }
    const name = nameOf(form, "keeper");
    const what = act === "alarm" ? "an alarm" : "a hold";
    return {
      title: "Look at it once more before you sign",
      rows: [
        ["You join", name],
        ["In", `${what} for ${given("author-name")}, once`],
      ],
      note: `Speak with ${name} first, by voice. Your signature does nothing by itself: they add it to their own.`,
      button: "Sign for them",
      busy: "Signing.",
      work: async () => {
        const me = await Me.here();
        const found = await caseOf(author);
        // Outside a case it goes stale, and this machine's clock may be wrong: it is dated by the host's.
        const { now } = await read<{ now: number }>(`/watches/${part(author)}`);
        const document = me.signAct(act, author, KEEPER, {
          case: found,
          subject: keeper,
          moment: momentOf(now),
        });
        get("[data-document]", HTMLTextAreaElement).value = document;
        return {
          title: `Send this to ${name}`,
          lines: [
            `It is good for ${what} by ${name}, once, and for nobody else; outside a case for two days. It is no secret.`,
          ],
        };
      },
    };
  });
  get("[data-copy]", HTMLButtonElement).addEventListener("click", () => void copy());
}

/**
 * The newest case, where there has been one: the signature is bound to it then. Whoever adds the signature reads it, so
 * it names no case that a word under force opened.
 */
async function caseOf(author: string): Promise<CaseHead | undefined> {
  try {
    const found = await running(author);
    return found.cause === "force" ? (found.force?.without ?? undefined) : found;
  } catch (error) {
    if (error instanceof Refusal && error.code === "not_found") return undefined;
    throw error;
  }
}

async function copy(): Promise<void> {
  const field = get("[data-document]", HTMLTextAreaElement);
  field.select();
  const said = get("[data-copied]", HTMLElement);
  try {
    await navigator.clipboard.writeText(field.value);
    said.textContent = "It is copied. Paste it into a message to them.";
  } catch {
    said.textContent = "It is marked. Copy it, and paste it into a message to them.";
  }
}

// Calling in, and sealing again.

export function againPage(): void {
  const ways = get("[data-again]", HTMLElement);
  ways.hidden = false;
  checked("again", "Looking at the entries.", async () => {
    const author = given("author");
    const found = await running(author);
    const readable = found.entries.filter((row) => row.body !== null).length;
    return {
      title: "Seal the earlier entries again?",
      rows: [
        ["Entries that may be for you", String(readable)],
        ["Sealed for", found.people.map(({ name }) => name).join(", ")],
      ],
      note: "Each one that your key opens is sealed once more, as its writer signed it. Nothing is changed or taken out.",
      button: "Seal them again",
      busy: "Sealing the entries again. Leave this page open.",
      work: async () => {
        const again = await sealAgain(await Me.here(), author, found);
        return {
          title:
            again.length === 1 ? "One entry is sealed again" : `${again.length} entries are sealed again`,
          lines: ["Everyone who is called by now, and whose key the author vouched for, can read them."],
        };
      },
    };
  });
}
