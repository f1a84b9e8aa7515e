// Opens and seals with the npm package age-encryption, which is not ours. Used by tests only.
//   node typage.mjs exchange FOLDER SECRET_KEY PUBLIC_KEY
//   node typage.mjs open KEY_FILE SEALED_FILE OUT_FILE            (prints nothing; passphrase files: see below)
//   node typage.mjs open-with-locked-key KEY_FILE PASSPHRASE SEALED_FILE OUT_FILE
import { readFileSync, writeFileSync } from "node:fs";
import { Decrypter, Encrypter, armor, identityToRecipient } from "age-encryption";

const identityIn = (text) => text.split("\n").find((line) => line.startsWith("AGE-SECRET-KEY-"));

async function open(identity, sealed, out) {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  writeFileSync(out, await decrypter.decrypt(readFileSync(sealed)));
}

async function unlocked(keyFile, passphrase) {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const locked = readFileSync(keyFile);
  const bytes = locked.subarray(0, 5).toString() === "-----" ? armor.decode(locked.toString()) : locked;
  return identityIn(await decrypter.decrypt(bytes, "text"));
}

const [verb, ...args] = process.argv.slice(2);
if (verb === "exchange") {
  const [folder, secret, key] = args;
  await open(secret, `${folder}/ours.age`, `${folder}/opened`);
  const encrypter = new Encrypter();
  encrypter.addRecipient(key);
  writeFileSync(`${folder}/theirs.age`, await encrypter.encrypt(readFileSync(`${folder}/opened`)));
  writeFileSync(`${folder}/public`, await identityToRecipient(secret));
} else if (verb === "open") {
  const [keyFile, sealed, out] = args;
  await open(identityIn(readFileSync(keyFile, "utf8")), sealed, out);
} else if (verb === "open-with-locked-key") {
  const [keyFile, passphrase, sealed, out] = args;
  await open(await unlocked(keyFile, passphrase), sealed, out);
} else {
  throw new Error(`unknown verb ${verb}`);
}
