// How a file of the age test kit fares: what came out before its end, and how it ended. For node and for browsers.

export async function fared(library, { data, armored, identities, passphrase }) {
  const whole = typeof data === "string" ? Uint8Array.from(atob(data), (one) => one.charCodeAt(0)) : data;
  let pieces = cut(whole);
  if (armored) pieces = library.armour.unarmoured(pieces);
  const openers =
    passphrase === null
      ? identities.map(library.ageKeys.readSecretKey)
      : [new library.ageKeys.Passphrase(passphrase)];
  const hashed = new library.hashed.Hashed(library.age.openWith(pieces, openers));
  let fared = "success";
  try {
    await library.hashed.drain(hashed);
  } catch (error) {
    fared = error.constructor.name;
  }
  return { fared, sha256: hashed.sha256 };
}

/** A file's own pieces, cut into sizes that fit nothing. */
export function* cut(data, size = 10_000) {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}
