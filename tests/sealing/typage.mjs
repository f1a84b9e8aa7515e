// Exchanges post-quantum files with the npm package age-encryption, which is not ours. Used by tests only.
//   node typage.mjs FOLDER SECRET_KEY PUBLIC_KEY
// opens FOLDER/ours.age into FOLDER/opened, seals that into FOLDER/theirs.age, and writes the public key it derives.
import { readFileSync, writeFileSync } from "node:fs";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";

const [folder, secret, key] = process.argv.slice(2);
const decrypter = new Decrypter();
decrypter.addIdentity(secret);
const opened = await decrypter.decrypt(readFileSync(`${folder}/ours.age`));
writeFileSync(`${folder}/opened`, opened);
const encrypter = new Encrypter();
encrypter.addRecipient(key);
writeFileSync(`${folder}/theirs.age`, await encrypter.encrypt(opened));
writeFileSync(`${folder}/public`, await identityToRecipient(secret));
