// What goes with a letter: files of this device, recordings made here, and what was sealed before. One row each.
import { el } from "../../client/dom.js";
import type { Entry, Item } from "../../sealing/container.js";
import { utf8 } from "../../signing/bytes.js";
import { mediaOf, sizeOf } from "../../shown/items.js";

export const TEXT = "text/plain; charset=utf-8";

/** One thing that goes with the letter. `from` says how it comes back when the page is left before it is sealed. */
export interface Attached {
  readonly name: string;
  readonly content: Blob;
  readonly media: string;
  readonly title: string;
  readonly from: "device" | "sealed" | "recording";
  /** What is said in it, for those who cannot hear it. */
  transcript: string;
}

/** Whether it can be listened to or watched. */
export function isRecording({ media, name }: Pick<Attached, "media" | "name">): boolean {
  return /^(audio|video)\//.test(mediaOf({ name, media, size: 0, title: "" }));
}

/**
 * The items that these become beside the letter, if there is one: each itself, and its transcript under the same name. A
 * name that is taken is made another one; whoever reads knows a transcript by its recording's name, and so a recording is
 * never called like the letter.
 */
export function itemsOf(attached: readonly Attached[], letter: readonly Item[] = []): Item[] {
  const found: Item[] = [];
  for (const one of attached) {
    const { content, media, title } = one;
    const said = isRecording(one) && one.transcript.trim() !== "" ? utf8(one.transcript) : undefined;
    const there = [...letter, ...found];
    const name = freeName(one.name, there, isRecording(one) ? (said ? there : letter) : []);
    found.push({ name, content, media, title });
    if (!said) continue;
    found.push({ name: transcriptName(name), content: said, media: TEXT, title: `What is said in ${name}` });
  }
  return found;
}

export function transcriptName(name: string): string {
  return `${name.replace(/\.[^./]+$/, "")}.txt`;
}

type Named = readonly { readonly name: string }[];

/** A name that nothing here has yet, made of the wished one; nor has any of `texts` the name of its transcript. */
export function freeName(wished: string, taken: Named, texts: Named = []): string {
  const [names, said] = [taken, texts].map((some) => new Set(some.map(({ name }) => name.toLowerCase())));
  const isTaken = (name: string): boolean =>
    names?.has(name.toLowerCase()) === true || said?.has(transcriptName(name).toLowerCase()) === true;
  const [, stem = wished, ending = ""] = /^(.*?)(\.[^./]+)?$/.exec(wished) ?? [];
  let name = wished;
  for (let number = 2; isTaken(name); number++) name = `${stem}-${number}${ending}`;
  return name;
}

/** The row of one thing: its name and size, how to hear it, what is said in it, and a way to leave it out. */
export function row(one: Attached, number: number, changed: () => void, leaveOut: () => void): HTMLElement {
  const what = el(
    "span",
    { class: "what" },
    one.name,
    el("span", { class: "hint" }, sizeOf(one.content.size)),
  );
  const out = el("button", { type: "button", class: "plain" }, "Leave out");
  out.append(el("span", { class: "hidden" }, ` ${one.name}`));
  out.addEventListener("click", leaveOut);
  const made = el("li", {}, what, out);
  if (isRecording(one)) made.append(player(one), transcriptField(one, number, changed));
  return made;
}

function player(one: Attached): HTMLElement {
  const media = mediaOf({ ...one, size: 0 } satisfies Entry);
  const src = URL.createObjectURL(new Blob([one.content], { type: media }));
  const tag = media.startsWith("video/") ? "video" : "audio";
  return el(tag, { controls: true, preload: "metadata", src, "aria-label": `Listen to ${one.name}` });
}

function transcriptField(one: Attached, number: number, changed: () => void): HTMLElement {
  const id = `transcript-${number}`;
  const field = el("textarea", { id, rows: "3", autocomplete: "off" });
  field.value = one.transcript;
  field.addEventListener("input", () => {
    one.transcript = field.value;
    changed();
  });
  const label = el("label", { for: id }, `What is said in ${one.name}`);
  const hint = el(
    "p",
    { class: "hint" },
    "If you like: for somebody who cannot hear it, or may not one day.",
  );
  return el("div", { class: "field said" }, label, hint, field);
}
