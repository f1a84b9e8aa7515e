// Recording in the browser. What is recorded is what is given one day: no host can convert what it cannot open, so the
// format that most browsers play is tried first. It comes in pieces, so that a locked phone loses seconds.

export type Medium = "audio" | "video";

/** MP4 with AAC first, which every browser plays; WebM where a browser records nothing else. */
const FORMATS: Readonly<Record<Medium, readonly string[]>> = {
  audio: ["audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/webm;codecs=opus", "audio/webm"],
  video: ["video/mp4;codecs=avc1.42E01E,mp4a.40.2", "video/mp4", "video/webm;codecs=vp8,opus", "video/webm"],
};
const PIECE = 3000;
/** Milliseconds of each piece. */

/** The format this browser records in; nothing if it cannot record at all. */
export function formatOf(medium: Medium): string | undefined {
  if (!("MediaRecorder" in globalThis) || !("mediaDevices" in navigator)) return undefined;
  return FORMATS[medium].find((format) => MediaRecorder.isTypeSupported(format));
}

/** One recording, from the permission asked for until it is stopped. */
export class Recording {
  readonly #recorder: MediaRecorder;
  readonly #began = { at: Date.now(), before: 0 };

  private constructor(
    readonly stream: MediaStream,
    format: string,
    took: (piece: Blob) => void,
  ) {
    this.#recorder = new MediaRecorder(stream, { mimeType: format });
    this.#recorder.addEventListener("dataavailable", ({ data }) => {
      if (data.size > 0) took(data);
    });
    this.#recorder.start(PIECE);
  }

  /** Ask for the microphone, and the camera for a picture, and begin. Throws what the browser says. */
  static async begin(medium: Medium, format: string, took: (piece: Blob) => void): Promise<Recording> {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: medium === "video" });
    return new Recording(stream, format, took);
  }

  get paused(): boolean {
    return this.#recorder.state === "paused";
  }

  /** Seconds recorded so far. */
  get seconds(): number {
    const running = this.#recorder.state === "recording" ? Date.now() - this.#began.at : 0;
    return Math.floor((this.#began.before + running) / 1000);
  }

  pause(): void {
    this.#began.before += Date.now() - this.#began.at;
    this.#recorder.pause();
  }

  resume(): void {
    this.#began.at = Date.now();
    this.#recorder.resume();
  }

  /** End it; the last piece has been taken by then, and microphone and camera are let go. */
  async stop(): Promise<void> {
    if (this.#recorder.state !== "inactive") {
      await new Promise((done) => {
        this.#recorder.addEventListener("stop", done, { once: true });
        this.#recorder.stop();
      });
    }
    for (const track of this.stream.getTracks()) track.stop();
  }
}
