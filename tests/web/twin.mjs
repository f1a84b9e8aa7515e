// Does with the browser's signing and sealing what a test asks: one question a line, one answer a line, all JSON.
//   node twin.mjs LIBRARY.js LIBRARY_CASE.js
// A question is {"do": NAME, ...}; an answer {"value": ...} or {"refused": CLASS, "happened": ..., "do": ...}. Bytes
// travel as base64. The names are those of the rules in vectors/ and of what the tests compare.
import { createWriteStream, mkdirSync, openAsBlob, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { cut, fared } from "./age_kit.mjs";

const [signingAndSealing, ofCase] = await Promise.all(
  process.argv.slice(2, 4).map((file) => import(pathToFileURL(file))),
);
const library = { ...signingAndSealing, ...ofCase };
const { canonical, documents, fingerprints, keys, person, shares, slip39, statement } = library;

const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
const base64 = (data) => Buffer.from(data).toString("base64");
const { hex, fromHex, utf8, fromUtf8 } = library.bytes;

library.lists.learn(fingerprints.EFF_LARGE, readFileSync("src/lastwords/signing/eff_large.txt", "utf8"));
library.lists.learn(slip39.SLIP39_WORDS, readFileSync("src/lastwords/sealing/slip39_words.txt", "utf8"));

const KINDS = Object.fromEntries(
  [
    library.act.Act,
    library.checkIn.CheckIn,
    library.manifest.Manifest,
    library.newKeys.NewKeys,
    library.notesDocument.EmergencyNotes,
    library.planTerms.PlanTerms,
    library.receipt.Receipt,
    library.sessionAnswer.SessionAnswer,
    statement.Statement,
    library.vouching.Vouching,
  ].map((kind) => [kind.kind, kind]),
);

const PERSONS = new Map();
function personOf(card) {
  if (!PERSONS.has(card)) PERSONS.set(card, person.PersonKeys.fromCard(card));
  return PERSONS.get(card);
}

const signedOf = (envelope, kind) =>
  new documents.Signed(KINDS[kind], KINDS[kind].fromValue(JSON.parse(envelope).document), new Uint8Array(), "");

const FORMATS = {
  "canonical encode": (value) => hex(canonical.encode(value)),
  "canonical decode": (data) => canonical.decode(fromHex(data)),
  person: (seed) => {
    const found = new person.PersonKeys(fromHex(seed));
    const { public: own } = found;
    return {
      secret_key: found.secretKey,
      sealing: own.sealing,
      signing: own.signing,
      sign_in: own.signIn,
      sealing_fingerprint: own.sealingFingerprint,
      signing_fingerprint: own.signingFingerprint,
      person_fingerprint: fingerprints.personFingerprint(own.sealingFingerprint, own.signingFingerprint),
      eight_words: own.eightWords.join(" "),
    };
  },
  "person from words": (words) => person.PersonKeys.fromWords(words).secretKey,
  "eight words": (of) => fingerprints.eightWords(of).join(" "),
  share: (text) => {
    const found = shares.ShareFile.read(utf8(text));
    if (fromUtf8(found.encode()) !== text) throw new Error("written otherwise");
    return { ...found, salt: hex(found.salt), commitment: found.commitment };
  },
  invitation: (given) => {
    const found = new library.invitation.Invitation(fromHex(given.secret), given.author);
    const sent = library.invitation.answer(found, new person.PersonKeys(fromHex(given.person)));
    library.invitation.checkAnswer(library.invitation.Invitation.read(found.fragment), sent);
    return { fragment: found.fragment, id: found.id, answer: fromUtf8(sent) };
  },
  heads: (heads) => library.checkIn.headsDigest(heads),
  padded: (size) => library.container.padded(size),
  succession: (given) => {
    const [before, after] = [given.before, given.after].map((value) => KINDS.manifest.fromValue(value));
    const words = given.words.map((one) =>
      documents.read(utf8(one.envelope), KINDS["new-keys"], keys.PublicKey.read(one.key)),
    );
    const named = (value) => new documents.Signed(KINDS.manifest, value, new Uint8Array(), value.author_signing);
    library.manifest.follows(named(after), named(before), words);
    return named(after).digest;
  },
  "signed check-in": (given) => ({
    digest: documents.read(utf8(given.envelope), KINDS["check-in"], keys.PublicKey.read(given.key)).digest,
  }),
};

const QUESTIONS = {
  format: ({ rule, input }) => FORMATS[rule](input),
  rules: () => Object.keys(FORMATS),
  kinds: () => Object.keys(KINDS),

  // signing
  decode: ({ data }) => canonical.decode(bytes(data)),
  document: ({ kind, value }) => fromUtf8(KINDS[kind].encode(KINDS[kind].fromValue(value))),
  digest: ({ kind, value }) => KINDS[kind].digest(KINDS[kind].fromValue(value)),
  sign: ({ kind, fields, card }) => fromUtf8(documents.sign(KINDS[kind], fields, personOf(card).signing).data),
  read: ({ envelope, kind, key }) =>
    documents.read(bytes(envelope), KINDS[kind], keys.PublicKey.read(key)).digest,
  peek: ({ envelope }) => documents.peek(bytes(envelope)),
  follows: ({ envelope, signer, before }) => {
    const next = signedOf(envelope, "manifest");
    const named = new documents.Signed(next.kind, next.document, next.signature, signer);
    library.manifest.follows(named, before === null ? undefined : signedOf(before, "manifest"));
    return null;
  },
  fits: ({ receipt, manifest }) => {
    library.receipt.checkFits(KINDS.receipt.fromValue(receipt), signedOf(manifest, "manifest"));
    return null;
  },
  fingerprint: ({ text }) => fingerprints.fingerprint(text),
  "public key": ({ text }) => keys.PublicKey.read(text).fingerprint,

  // sealing
  combine: ({ mnemonics, passphrase }) => hex(slip39.combine(mnemonics, utf8(passphrase))),
  split: ({ secret, k, n }) => slip39.split(fromHex(secret), k, n),
  mnemonic: ({ text }) => slip39.mnemonic(slip39.read(text)),
  card: ({ text }) => person.PersonKeys.fromCard(text).secretKey,
  words: ({ card }) => personOf(card).words().join(" "),
  "read public key": ({ text }) => library.ageKeys.readPublicKey(text).constructor.name,
  "read secret key": ({ text }) => library.ageKeys.readSecretKey(text).constructor.name,
  locked: async ({ card, passphrase, workFactor }) => base64(await personOf(card).locked(passphrase, { workFactor })),
  unlock: async ({ data, passphrase }) => (await person.PersonKeys.unlock(bytes(data), passphrase)).secretKey,
  kit: (given) => fared(library, given),
  seal: async ({ data, keys: to, inText }) => base64(await library.age.sealBytes(bytes(data), to, inText)),
  open: async ({ data, keys: with_ }) => base64(await library.age.openBytes(bytes(data), with_)),
  pack: async ({ items }) => {
    const given = items.map((item) => ({ ...item, content: bytes(item.content) }));
    return base64(await library.source.all(library.container.pack(given)));
  },
  unpack: async ({ data }) => told(await library.container.unpack(cut(bytes(data)))),
  "answer to": ({ fragment, card }) =>
    base64(library.invitation.answer(library.invitation.Invitation.read(fragment), personOf(card))),
  "check answer": ({ fragment, data }) =>
    library.invitation.checkAnswer(library.invitation.Invitation.read(fragment), bytes(data)).sealing,
  "read invitation": ({ fragment }) => library.invitation.Invitation.read(fragment).id,
  "check share": ({ text, manifest, keeper, part }) => {
    shares.checkShare(shares.ShareFile.read(bytes(text)), signedOf(manifest, "manifest").document, keeper, part);
    return null;
  },
  recover: async ({ held, manifest, file, part }) => {
    const given = held.map(([keeper, text]) => [keeper, shares.ShareFile.read(bytes(text))]);
    const { document } = signedOf(manifest, "manifest");
    return shares.recoverReleaseKey(given, document, bytes(file), part);
  },
  receipt: async ({ keeper, card, manifest, words, wishes, purpose, moment }) => {
    const { document } = signedOf(manifest, "manifest");
    const signed = new documents.Signed(KINDS.manifest, document, new Uint8Array(), "");
    const made = await library.receipts.makeReceipt(
      keeper,
      personOf(card),
      signed,
      bytes(words),
      wishes === null ? undefined : bytes(wishes),
      purpose,
      moment,
    );
    return fromUtf8(made.data);
  },
  give: async ({ text, manifest, recipient, covers, case: number }) => {
    const share = shares.ShareFile.read(bytes(text));
    const { document } = signedOf(manifest, "manifest");
    const given = await library.covers.give(share, document, recipient, covers, number);
    return { data: base64(given.data), record: given.record };
  },
  "take off": async ({ data, card, of }) =>
    base64(await library.covers.takeOff(bytes(data), personOf(card), of)),
  "open given": async ({ data, card }) =>
    base64((await library.covers.openGiven(bytes(data), card)).encode()),
  readme: ({ manifest, keeper, names }) => {
    const signed = signedOf(manifest, "manifest");
    const seat = keeper === null ? undefined : library.manifest.seatOf(signed.document, keeper);
    return library.kit.readme(signed, seat, new Map(Object.entries(names)));
  },
};

/** A handover as the vectors hold it, as the twin takes it. */
function handoverOf(plain) {
  const rows = plain.rows.map(({ keepers_only, passed_on_by, entry, ...row }) => ({
    ...row,
    keepersOnly: keepers_only,
    passedOnBy: passed_on_by,
    entry: entry && library.entries.readPlain(entry),
  }));
  const { made_by, with_keepers_only, ...rest } = plain;
  return { ...rest, madeBy: made_by, withKeepersOnly: with_keepers_only, rows };
}

const CASE = {
  entry: ({ body, kind, by }) => base64(library.entries.encode(library.entries.read(bytes(body), kind, by))),
  "plain entry": ({ value }) => base64(library.entries.encode(library.entries.readPlain(value))),
  "plain bytes": ({ value }) => base64(library.plain.toBytes(value)),
  sheet: ({ data }) => base64(library.sheets.encode(library.sheets.read(bytes(data)))),
  observation: ({ seen }) => library.observation.Observation.read(seen, "it"),
  ranges: () => library.observation.RANGES.map(({ field, least, greatest }) => [field, least, greatest]),
  news2: ({ seen, age, pregnant }) => {
    const read = library.observation.Observation.read(seen, "it");
    return library.news2.news2(read, { ageYears: age, pregnant });
  },
  moments: ({ moments, now }) =>
    moments.map((given) => {
      const moment = library.caseMoment.Moment.read(given, "it");
      return [
        library.caseMoment.shown(moment),
        library.caseMoment.shownShort(moment, moment.zone),
        library.caseMoment.shownDay(moment.at, moment.zone),
        library.caseMoment.offset(moment.at, moment.zone),
        library.caseMoment.ago(moment, now),
        library.caseMoment.ageInYears("1995-05-26", moment.at, moment.zone),
      ];
    }),
  report: ({ given }) => library.report.compose(handoverOf(given)),
  "report as text": ({ given }) => library.text.asText(library.report.compose(handoverOf(given))),
  picture: ({ given }) => library.plot.shapeOf(library.report.compose(handoverOf(given)).trend) ?? null,
  rows: ({ listed }) => {
    const given = listed.map(({ keepers_only, body, ...row }) => ({
      ...row,
      keepersOnly: keepers_only,
      body: body === null ? null : bytes(body),
    }));
    return library.rows.rowsOf(given).map((row) => [row.number, row.by, row.at, row.entry, row.trouble, row.passedOnBy]);
  },
  ladder: ({ standing }) =>
    library.ladder
      .climbed(standing.map(([number, entry]) => [number, library.entries.readPlain(entry)]))
      .map(({ rung, tried }) => [rung.step, rung.what, rung.how, tried]),
};
Object.assign(QUESTIONS, CASE);

/** A folder's files as blobs that are read from disk when they are needed. */
async function folderOf(folder) {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    await Promise.all(names.map(async ({ name }) => [name, await openAsBlob(join(folder, name))])),
  );
}

async function writeAll(files, folder) {
  for (const [name, blob] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    await pipeline(Readable.fromWeb(blob.stream()), createWriteStream(join(folder, name)));
  }
  return [...files.keys()];
}

/** Items as a test names them: with their content, or the path of a file. */
async function packOf(items) {
  if (items === null) return undefined;
  const given = items.map(async ({ path, content, ...item }) => ({
    ...item,
    content: path ? await openAsBlob(path) : bytes(content),
  }));
  return library.container.items(await Promise.all(given));
}

const verified = (envelope, key) => documents.read(utf8(envelope), KINDS.manifest, keys.PublicKey.read(key));

const WHOLE = {
  "seal track": async ({ folder, track, card, moment, words, wishes }) => {
    const sealed = await library.tracks.sealTrack(
      track,
      personOf(card),
      moment,
      await packOf(words),
      await packOf(wishes),
    );
    await writeAll(sealed.files, folder);
    return fromUtf8(sealed.signed.data);
  },
  "replace words": async ({ folder, old, manifest, key, card, recipient, moment, words, wishes }) => {
    const made = await library.tracks.replaceWords(
      await folderOf(old),
      verified(manifest, key),
      personOf(card),
      recipient,
      moment,
      await packOf(words),
      await packOf(wishes),
    );
    await writeAll(made.files, folder);
    return fromUtf8(made.signed.data);
  },
  "open track": async ({ folder, manifest, key, part, keepers, recipient, out }) => {
    const { document } = verified(manifest, key);
    const files = await folderOf(folder);
    await library.tracks.checkBundle(files, document);
    const whole = async (name) => new Uint8Array(await files.get(name).arrayBuffer());
    let release = null;
    if (document.mode !== "timer only") {
      const held = keepers.map(async ([keeper, card]) => {
        const { index } = library.manifest.seatOf(document, keeper);
        const data = await whole(library.tracks.shareName(index, part));
        return [keeper, await shares.openShare(data, personOf(card), document, keeper, part)];
      });
      const file = await whole(library.tracks.RELEASE_KEY_FILES[part]);
      release = await shares.recoverReleaseKey(await Promise.all(held), document, file, part);
    }
    const sealed = files.get(library.tracks.SEALED_FILES[part]);
    const opened = await library.tracks.openPart(sealed, document, release, recipient, part);
    return writeAll(opened.files, out);
  },
  "open own copy": async ({ file, card, out }) =>
    writeAll((await library.tracks.openOwnCopy(await openAsBlob(file), personOf(card))).files, out),
  "write kit": async ({ folder, manifest, key, keeper, names, out }) => {
    const programs = {
      opener: readFileSync("src/lastwords/sealing/opener.html", "utf8"),
      script: readFileSync("src/lastwords/sealing/open_script.txt", "utf8"),
    };
    const author = keys.PublicKey.read(key);
    const signed = verified(manifest, key);
    const people = new Map(Object.entries(names));
    const kit = await library.kit.writeKit(await folderOf(folder), signed, author, keeper, programs, people);
    await writeAll(new Map([["kit.zip", kit]]), out);
    return kit.size;
  },
  "seal notes": async ({ items, keys: to }) => {
    const notes = await library.notes.seal(await packOf(items), to);
    const covered = await library.notes.cover(notes);
    return { notes: base64(notes), data: base64(covered.data), secretKey: covered.secretKey };
  },
  "open notes": async ({ data, secretKey, promised, card }) => {
    const document = KINDS["emergency-notes"].fromValue(promised);
    const notes = await library.notes.takeOff({ data: bytes(data), secretKey }, document);
    return told(await library.notes.openNotes(notes, personOf(card)));
  },
};
Object.assign(QUESTIONS, WHOLE);

async function told(opened) {
  const files = [...opened.files].map(async ([name, blob]) => [name, base64(await blob.arrayBuffer())]);
  return { entries: opened.entries, files: Object.fromEntries(await Promise.all(files)) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  let answer;
  try {
    const ask = QUESTIONS[question.do];
    if (!ask) throw new Error(`nobody answers ${question.do}`);
    answer = { value: (await ask(question)) ?? null };
  } catch (error) {
    answer =
      error instanceof library.Refused || error instanceof library.CaseRefused
        ? { refused: error.constructor.name, happened: error.happened, do: error.do }
        : { broken: String(error?.stack ?? error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
