// In a page of the host: shows hostile texts by the code that shows opened words, and looks at what came of it.
(() => {
  const WORDS = new Set(
    "SECTION DIV H2 H3 H4 P UL OL LI BLOCKQUOTE HR STRONG EM CODE FIGURE FIGCAPTION IMG AUDIO VIDEO TRACK DETAILS SUMMARY SPAN A BDI BR".split(" "),
  );
  const NAMED = new Set(
    "class dir src alt controls preload aria-label kind label default href download".split(" "),
  );
  const TOLD = ["mouseover", "pointerenter", "click", "focus", "toggle", "load", "error", "animationstart", "wheel"];
  const made = [];
  const before = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob) => {
    const address = before(blob);
    made.push(address);
    return address;
  };
  globalThis.hits = 0;
  globalThis.hit = () => void globalThis.hits++;
  for (const name of ["alert", "confirm", "prompt", "print", "open"]) globalThis[name] = globalThis.hit;

  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const file = (text, type = "") => new Blob([text], { type });
  const bare = (text) => text.toWellFormed().replace(/[\s\ufeff]/gu, "");

  /** Items of one opened container that say each text in every way in which words can say something. */
  function openedOf(texts, media, sound) {
    const entries = [];
    const files = new Map();
    const add = (name, content, kind, title = "") => {
      entries.push({ name, size: content.size, media: kind, title });
      files.set(name, content);
    };
    texts.forEach((text, at) => {
      add(`t${at}.txt`, file(text), "text/plain; charset=utf-8", text);
      add(`m${at}.md`, file(text), "text/markdown");
      add(`${at}/${text}`, file(text, "text/html"), text);
      if (at % media !== 0) return;
      add(`p${at}.png`, file(text), "image/png", text);
      add(`a${at}.wav`, sound, "audio/wav", text);
      add(`a${at}.txt`, file(text), "text/plain");
      add(`a${at}.vtt`, file(`WEBVTT\n\n00:00.000 --> 00:09.000\n${text}`), "text/vtt");
      add(`page${at}.svg`, file(text), "image/svg+xml", text);
    });
    return { entries, files };
  }

  /** What stands in a shown part that no words may have: other elements, attributes, or addresses. */
  function strange(box) {
    const found = [];
    for (const node of box.querySelectorAll("*")) {
      if (!WORDS.has(node.tagName)) found.push(node.outerHTML.slice(0, 200));
      for (const { name, value } of node.attributes) {
        const leads = (name === "href" || name === "src") && !value.startsWith("blob:");
        if (!NAMED.has(name) || leads) found.push(`${name}=${value}`.slice(0, 200));
        if (name === "download" && (/[/\\\u0000-\u001f\u202a-\u202e\u2066-\u2069:*?"<>|]/.test(value) || value === ""))
          found.push(`download=${JSON.stringify(value)}`);
      }
    }
    return found;
  }

  /** Whatever listens in a shown part hears of everything. */
  function tell(box) {
    for (const node of box.querySelectorAll("*"))
      if (!node.hasAttribute("download"))
        for (const name of TOLD) node.dispatchEvent(new Event(name, { bubbles: false, cancelable: true }));
  }

  /** Lays texts out as letters, plain and in Markdown, without files around them: the same code, far more texts. */
  globalThis.layOut = async (texts) => {
    globalThis.hits = 0;
    const box = document.createElement("div");
    const wrong = [];
    for (const text of texts) {
      const plain = library.plainText(text);
      if (bare(plain.textContent) !== bare(text)) wrong.push(text.slice(0, 200));
      box.append(plain, library.markdown(text));
    }
    document.body.append(box);
    await frame();
    const odd = strange(box);
    tell(box);
    await frame();
    box.remove();
    return { shown: 2 * texts.length, hits: globalThis.hits, strange: odd, wrong, thrown: "" };
  };

  /** Shows these texts; gives how many parts were shown, how many scripts ran, and what was strange. */
  globalThis.showTexts = async ({ texts, media, saveEach }) => {
    globalThis.hits = 0;
    const silence = new Uint8Array(44);
    const opened = openedOf(texts, media, file(silence));
    const box = document.createElement("div");
    const manner = saveEach ? { heading: "h3", saveEach } : undefined;
    let thrown = "";
    try {
      box.append(await library.items(opened, manner));
    } catch (error) {
      thrown = String(error);
    }
    document.body.append(box);
    await frame();
    const odd = strange(box);
    const sections = [...box.querySelectorAll(".item")];
    const wrong = [];
    if (thrown === "")
      texts.forEach((text, at) => {
        const shown = sections[at * 2];
        const words = shown?.querySelector(".words")?.textContent ?? "";
        if (bare(words) !== bare(text)) wrong.push(text.slice(0, 200));
      });
    tell(box);
    await frame();
    const shown = box.querySelectorAll(".item, li").length;
    box.remove();
    for (const address of made.splice(0)) URL.revokeObjectURL(address);
    return { shown, hits: globalThis.hits, strange: odd, wrong, thrown };
  };

  /** Which of these run or ask when they are put into a page as markup: what the corpus is worth in this browser. */
  globalThis.asMarkup = async (texts) => {
    const live = [];
    navigation.addEventListener("navigate", (event) => {
      globalThis.hits++;
      event.preventDefault();
    });
    for (const [at, text] of texts.entries()) {
      globalThis.hits = 0;
      const box = document.createElement("div");
      document.body.append(box);
      box.append(document.createRange().createContextualFragment(text));
      await frame();
      tell(box);
      for (const node of box.querySelectorAll("a, button"))
        if (node instanceof HTMLElement) node.click();
      await frame();
      await frame();
      if (globalThis.hits > 0) live.push(at);
      box.remove();
    }
    return live;
  };

  /** Shows texts as captions over a film that is really there. */
  globalThis.showCaptions = async ({ texts, film }) => {
    globalThis.hits = 0;
    const cues = texts.map((text) => `00:00.000 --> 01:00.000\n${text}\n\nSTYLE\n${text}\n`).join("\n");
    const data = Uint8Array.from(atob(film), (one) => one.charCodeAt(0));
    const files = new Map([
      ["f.webm", file(data)],
      ["f.vtt", file(`WEBVTT\n\nSTYLE\n::cue { background: url(http://elsewhere.example/got) }\n\n${cues}`)],
    ]);
    const entries = [...files].map(([name, { size }]) => ({ name, size, media: "", title: texts[0] ?? "" }));
    const box = document.createElement("div");
    box.append(await library.items({ entries, files }));
    document.body.append(box);
    const video = box.querySelector("video");
    const [track] = video.textTracks;
    track.mode = "showing";
    const loaded = (what, ...events) =>
      new Promise((done) => events.forEach((name) => what.addEventListener(name, () => done(name), { once: true })));
    await loaded(box.querySelector("track"), "load", "error");
    video.currentTime = 0.05;
    await loaded(video, "seeked", "error");
    await frame();
    await frame();
    const active = track.activeCues?.length ?? 0;
    const odd = strange(box);
    box.remove();
    for (const address of made.splice(0)) URL.revokeObjectURL(address);
    return { shown: active, hits: globalThis.hits, strange: odd, wrong: [], thrown: "" };
  };

  /** What a person would keep of words with these titles and names of files, as a zip. */
  globalThis.keepAll = async ({ texts, names }) => {
    const entries = names.map((name, at) => ({ name, size: 5, media: "", title: texts[at % texts.length] ?? "" }));
    const files = new Map(names.map((name, at) => [name, file(`<script>hit()</script>${texts[at % texts.length]}`)]));
    const parts = [
      { folder: "words", title: texts[0], opened: { entries, files } },
      { folder: "wishes", title: "On the envelope", opened: { entries, files } },
    ];
    const kept = await library.archive(texts[1], texts[2], parts);
    const reader = new FileReader();
    const read = new Promise((done) => reader.addEventListener("load", done));
    reader.readAsDataURL(kept);
    await read;
    return reader.result.split(",")[1];
  };

  /** A second of a grey picture as a film, made by the browser itself. */
  globalThis.aFilm = async () => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 64;
    const paint = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(20), { mimeType: "video/webm" });
    const parts = [];
    recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    const ended = new Promise((done) => recorder.addEventListener("stop", done));
    recorder.start();
    for (let at = 0; at < 30; at++) {
      paint.fillStyle = at % 2 ? "grey" : "silver";
      paint.fillRect(0, 0, 64, 64);
      await frame();
    }
    recorder.stop();
    await ended;
    const data = new Uint8Array(await new Blob(parts).arrayBuffer());
    return btoa(Array.from(data, (one) => String.fromCharCode(one)).join(""));
  };
})();
