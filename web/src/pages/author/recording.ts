// The recorder on the page: permission is asked only after pressing; a timer, pause, stop; then listen, and keep or redo.
import { el, find, get } from "../../client/dom.js";
import type { Attached } from "./attached.js";
import { forgetPieces, keepPiece } from "./draft_of.js";
import type { Draft } from "./kept.js";
import { formatOf, type Medium, Recording } from "./recorder.js";

/** What the recorder needs of the page it stands on. */
export interface Around {
  readonly draft: Draft;
  readonly name: (wished: string) => string;
  readonly recorded: (one: Attached) => void;
}

export function offerRecorder(around: Around): void {
  const place = find("[data-recorder]", HTMLElement);
  if (!place) return;
  if (formatOf("audio") === undefined) {
    get("[data-cannot-record]", HTMLElement, place).hidden = false;
    return;
  }
  const begin = get("[data-begin]", HTMLElement, place);
  begin.hidden = false;
  for (const medium of ["audio", "video"] as const) {
    const button = get(`[data-record="${medium}"]`, HTMLButtonElement, place);
    button.hidden = formatOf(medium) === undefined;
    button.addEventListener("click", () => {
      void record(place, around, medium);
    });
  }
}

async function record(place: HTMLElement, around: Around, medium: Medium): Promise<void> {
  const format = formatOf(medium);
  const running = get("[data-running]", HTMLElement, place);
  const problem = get("[data-recorder-problem]", HTMLElement, place);
  problem.textContent = "";
  if (format === undefined || !running.hidden) return;
  const name = around.name(`recording.${endingOf(format)}`);
  const pieces: Blob[] = [];
  const kept: Promise<unknown>[] = [];
  let recording: Recording;
  try {
    recording = await Recording.begin(medium, format, (piece) => {
      pieces.push(piece);
      kept.push(keepPiece(around.draft, name, pieces.length, piece).catch(reportError));
    });
  } catch (error) {
    problem.textContent = said(error);
    problem.focus();
    return;
  }
  const stopped = await run(place, recording, medium);
  await recording.stop();
  await Promise.all(kept);
  const content = new Blob(pieces, { type: format });
  if (!stopped || content.size === 0) {
    await forgetPieces(around.draft, name);
    return;
  }
  const title = medium === "video" ? "Recording with picture" : "Recording";
  const media = format.split(";")[0] ?? format;
  around.recorded({ name, content, media, title, from: "recording", transcript: "" });
}

/** Show the running recorder until it is stopped; gives whether what was recorded is kept. */
function run(place: HTMLElement, recording: Recording, medium: Medium): Promise<boolean> {
  const running = get("[data-running]", HTMLElement, place);
  const state = get("[data-recorder-state]", HTMLElement, place);
  const clock = get("[data-clock]", HTMLElement, place);
  const pause = button("Pause");
  const stop = button("Stop and listen");
  const again = button("Throw away", "second");
  const seen = medium === "video" ? [mirror(recording.stream)] : [];
  const before = document.activeElement;
  state.textContent = "Recording.";
  get("[data-running-buttons]", HTMLElement, place).replaceChildren(...seen, pause, stop, again);
  get("[data-begin]", HTMLElement, place).hidden = true;
  running.hidden = false;
  stop.focus();
  const ticking = window.setInterval(() => {
    clock.textContent = minutes(recording.seconds);
  }, 500);
  pause.addEventListener("click", () => {
    if (recording.paused) recording.resume();
    else recording.pause();
    pause.textContent = recording.paused ? "Go on" : "Pause";
    state.textContent = recording.paused ? "Paused." : "Recording.";
  });
  return new Promise((done) => {
    const end = (keep: boolean): void => {
      window.clearInterval(ticking);
      running.hidden = true;
      clock.textContent = "0:00";
      get("[data-begin]", HTMLElement, place).hidden = false;
      state.textContent = keep ? "Recorded. Listen to it below." : "Nothing was kept.";
      if (before instanceof HTMLElement) before.focus();
      done(keep);
    };
    stop.addEventListener("click", () => {
      end(true);
    });
    again.addEventListener("click", () => {
      end(false);
    });
  });
}

function button(text: string, kind = ""): HTMLButtonElement {
  return el("button", { type: "button", class: kind || undefined }, text);
}

function mirror(stream: MediaStream): HTMLVideoElement {
  const shown = el("video", {
    autoplay: true,
    playsinline: true,
    class: "mirror",
    "aria-label": "Your picture",
  });
  shown.muted = true;
  shown.srcObject = stream;
  return shown;
}

function endingOf(format: string): string {
  if (format.startsWith("audio/mp4")) return "m4a";
  return format.includes("mp4") ? "mp4" : "webm";
}

function minutes(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** What a browser's refusal means to a person. Nothing written is touched by it. */
function said(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  const otherwise = "You can also add a file that you recorded elsewhere.";
  if (name === "NotAllowedError") {
    return `Your browser did not let this page listen. Allow the microphone for this page, and press again. ${otherwise}`;
  }
  if (name === "NotFoundError") return `This device has no microphone that the page could use. ${otherwise}`;
  return `The recording could not begin; your letter is unharmed. ${otherwise}`;
}
