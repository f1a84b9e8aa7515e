// Reading a printed square with the camera, where the browser can. Typing always works too.
import { el, find, say } from "../../client/dom.js";

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { rawValue: string }[]>;
}
type Detectors = new (options: { formats: readonly string[] }) => Detector;

const REST = 250;
/** Milliseconds between two looks. */
const PATIENCE = 240;
/** Looks before the camera is given back: a minute. */

/** Offer the camera in a form whose field `name` then gets what was read; where there is none, say so. */
export function offerCamera(form: HTMLFormElement, name: string, then?: (text: string) => void): void {
  const detectors = (globalThis as { BarcodeDetector?: Detectors }).BarcodeDetector;
  const offer = find("[data-scan]", HTMLElement, form);
  const start = find("[data-scan-start]", HTMLButtonElement, form);
  const cameras = (navigator as { mediaDevices?: MediaDevices }).mediaDevices;
  if (!offer || !start) return;
  if (!detectors || !cameras) {
    const unable = find("[data-no-scan]", HTMLElement, form);
    if (unable) unable.hidden = false;
    return;
  }
  offer.hidden = false;
  start.addEventListener("click", () => {
    void scan(new detectors({ formats: ["qr_code"] }), cameras, offer).then(
      (text) => {
        const field = find(`[name="${name}"]`, HTMLElement, form);
        if (field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement) field.value = text;
        say(form, text ? "The square was read." : "No square was seen. Type the words instead.");
        if (text) then?.(text);
      },
      () => {
        say(form, "The camera cannot be used. Type the words instead.");
      },
    );
  });
}

async function scan(detector: Detector, cameras: MediaDevices, offer: HTMLElement): Promise<string> {
  const stream = await cameras.getUserMedia({ video: { facingMode: "environment" } });
  const video = el("video", { playsinline: true, muted: true, "aria-label": "What the camera sees" });
  video.srcObject = stream;
  offer.append(video);
  try {
    await video.play();
    for (let look = 0; look < PATIENCE; look++) {
      const [found] = await detector.detect(video);
      if (found) return found.rawValue;
      await new Promise((done) => setTimeout(done, REST));
    }
    return "";
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.remove();
  }
}
