// Keeps the phone's own page, so that it opens without signal. It knows that page and what belongs to it, and nothing
// else: no page of anybody passes through here, since its scope is /phone alone.

interface Extendable extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Fetching extends Extendable {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Worker {
  addEventListener(kind: "install" | "activate", hear: (event: Extendable) => void): void;
  addEventListener(kind: "fetch", hear: (event: Fetching) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  readonly location: Location;
}

const worker = self as unknown as Worker;
const CACHE = "phone";
const PAGE = "/phone";

/** Fetches the page as nobody in particular, and everything it names. */
async function keep(): Promise<void> {
  const page = await fetch(PAGE, { credentials: "omit", cache: "no-store" });
  if (!page.ok) throw new Error("the page did not come");
  const named = [
    ...(await page.clone().text()).matchAll(/(?:href|src)="(\/static\/[^"]+|\/manifest[^"]*)"/g),
  ];
  const fresh = named.map((match) => match[1]).filter((url): url is string => url !== undefined);
  const cache = await caches.open(CACHE);
  await cache.addAll(fresh);
  await cache.put(PAGE, page);
  for (const old of await cache.keys()) {
    const { pathname, search } = new URL(old.url);
    if (pathname !== PAGE && !fresh.includes(pathname + search)) await cache.delete(old);
  }
}

worker.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(worker.clients.claim());
});

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (event.request.mode === "navigate") event.waitUntil(keep().catch(() => undefined));
  event.respondWith(
    fetch(event.request).catch(async () => {
      const kept = await caches.match(event.request.mode === "navigate" ? PAGE : event.request, {
        ignoreVary: true,
      });
      if (kept === undefined) throw new TypeError("no signal, and not kept");
      return kept;
    }),
  );
});
