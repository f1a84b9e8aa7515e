// Builds what browsers are served from web/src, the same bytes every time. Nobody who uses Last Words needs this:
// what it writes is committed, and a test builds it anew and compares.
//
//   node web/build.mjs              writes into this checkout
//   node web/build.mjs --out DIR    writes the same files, at the same places, below DIR
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGES = "web/src/pages";
const STATIC = "src/lastwords/server/static";
const OPENER = "src/lastwords/sealing/opener.html";

/** Long lists, and what goes into kits, that a page fetches when it needs it; sealing and signing are their home. */
const FETCHED = [
  "src/lastwords/signing/eff_large.txt",
  "src/lastwords/sealing/slip39_words.txt",
  "src/lastwords/sealing/open_script.txt",
];

/** The browsers of early 2024 and later: module scripts, streams that transform, dialogs, Web Crypto. */
export const OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  charset: "utf8",
  format: "esm",
  legalComments: "none", // the licences of what is built in stand whole in licences.txt
  metafile: true,
  minify: true,
  target: ["chrome122", "firefox124", "safari17.4"],
  write: false,
};

const at = process.argv.indexOf("--out");
const out = at < 0 ? ROOT : process.argv[at + 1];
if (out === undefined) {
  process.stderr.write("The folder is missing after --out; nothing was written.\n");
  process.exit(2);
}

const packages = new Set();
await writePages();
await writeOpener();
writeLicences();
for (const name of FETCHED) copy(name, `${STATIC}/${name.split("/").at(-1)}`);

async function writePages() {
  const names = existsSync(join(ROOT, PAGES)) ? readdirSync(join(ROOT, PAGES)) : [];
  const entryPoints = names
    .filter((name) => name.endsWith(".ts"))
    .sort()
    .map((name) => `${PAGES}/${name}`);
  for (const name of readdirSync(join(ROOT, STATIC))) {
    // A page that was taken away leaves no bundle behind.
    if (out === ROOT && name.endsWith(".js")) rmSync(join(ROOT, STATIC, name));
  }
  if (entryPoints.length === 0) return;
  const built = await build({ ...OPTIONS, entryPoints, outdir: STATIC });
  note(built.metafile);
  for (const file of built.outputFiles) write(`${STATIC}/${file.path.split(/[\\/]/).at(-1)}`, file.contents);
}

/** One page in one file, which may run nothing but its own script: the policy names it by its hash. */
async function writeOpener() {
  const built = await build({
    ...OPTIONS,
    entryPoints: ["web/opener/opener.ts", "web/opener/opener.css"],
    format: "iife",
    loader: { ".txt": "text" },
    outdir: "opener",
  });
  note(built.metafile);
  const text = (ending) => built.outputFiles.find((file) => file.path.endsWith(ending)).text.trim();
  const [script, style] = [text(".js"), text(".css")];
  if (/<\/script|<!--/i.test(script) || /<\/style/i.test(style))
    throw new Error("the page would end too early");
  // What is put in may hold `$`, which has a meaning in a replacement that is text.
  const page = readFileSync(join(ROOT, "web/opener/opener.template.html"), "utf8")
    .replace("SCRIPT-HASH", () => hash(script))
    .replace("STYLE-HASH", () => hash(style))
    .replace("<style></style>", () => `<style>${style}</style>`)
    .replace("<script></script>", () => `<script>${script}</script>`);
  for (const home of [OPENER, `${STATIC}/opener.html`]) write(home, page);
}

function hash(text) {
  return `sha256-${createHash("sha256").update(text, "utf8").digest("base64")}`;
}

/** Remember whose code went in. */
function note(metafile) {
  for (const input of Object.keys(metafile.inputs)) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
}

function writeLicences() {
  const parts = [...packages].sort().map((name) => {
    const folder = join(ROOT, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const text = readFileSync(join(folder, "LICENSE"), "utf8").replaceAll("\r\n", "\n").trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const head = "The scripts of these pages contain parts of the following packages.\n";
  write(`${STATIC}/licences.txt`, [head, ...parts].join(`\n${"-".repeat(72)}\n\n`));
}

function copy(from, to) {
  mkdirSync(dirname(join(out, to)), { recursive: true });
  cpSync(join(ROOT, from), join(out, to));
}

function write(name, contents) {
  mkdirSync(dirname(join(out, name)), { recursive: true });
  writeFileSync(join(out, name), contents);
}
