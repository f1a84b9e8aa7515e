// Reads a kit: a zip without compression. Its files are given as pieces of it; nothing is copied.

/** A zip that cannot be read here. The message says what to do. */
export class ZipRefused extends Error {}

const MOST = 0xffffffff;

/** Return the files in a zip by their names. Throws ZipRefused. */
export async function unzip(zip: Blob): Promise<ReadonlyMap<string, Blob>> {
  const { count, at } = await directoryOf(zip);
  const found = new Map<string, Blob>();
  let head = at;
  for (let number = 0; number < count; number++) {
    const view = await viewOf(zip, head, 46);
    if (view.getUint32(0, true) !== 0x02014b50) throw unreadable();
    const [nameSize, extraSize, noteSize] = [28, 30, 32].map((place) => view.getUint16(place, true));
    const rest = await viewOf(zip, head + 46, (nameSize ?? 0) + (extraSize ?? 0));
    const name = new TextDecoder().decode(rest.buffer.slice(0, nameSize));
    if (view.getUint16(10, true) !== 0) {
      throw new ZipRefused(
        "This zip was packed again by another program. Unpack it, and choose the files that were in it.",
      );
    }
    const long = longNumbers(rest, nameSize ?? 0);
    const number_ = (place: number): number => {
      const short = view.getUint32(place, true);
      return short === MOST ? (long.shift() ?? short) : short;
    };
    const [size, , start] = [number_(24), number_(20), number_(42)];
    if (!name.endsWith("/")) found.set(name, await contentOf(zip, start, size));
    head += 46 + (nameSize ?? 0) + (extraSize ?? 0) + (noteSize ?? 0);
  }
  return found;
}

async function directoryOf(zip: Blob): Promise<{ count: number; at: number }> {
  const from = Math.max(0, zip.size - 22 - 0xffff);
  const view = await viewOf(zip, from, zip.size - from);
  for (let place = view.byteLength - 22; place >= 0; place--) {
    if (view.getUint32(place, true) !== 0x06054b50) continue;
    const at = view.getUint32(place + 16, true);
    if (at !== MOST) return { count: view.getUint16(place + 10, true), at };
    const longAt = Number(view.getBigUint64(place - 20 + 8, true));
    const long = await viewOf(zip, longAt, 56);
    return { count: Number(long.getBigUint64(32, true)), at: Number(long.getBigUint64(48, true)) };
  }
  throw unreadable();
}

async function contentOf(zip: Blob, start: number, size: number): Promise<Blob> {
  const local = await viewOf(zip, start, 30);
  if (local.getUint32(0, true) !== 0x04034b50) throw unreadable();
  const at = start + 30 + local.getUint16(26, true) + local.getUint16(28, true);
  return zip.slice(at, at + size);
}

/** The numbers of 64 bits that stand in for those that were too large, in their order. */
function longNumbers(rest: DataView, nameSize: number): number[] {
  const found: number[] = [];
  for (let at = nameSize; at + 4 <= rest.byteLength; at += 4 + rest.getUint16(at + 2, true)) {
    if (rest.getUint16(at, true) !== 1) continue;
    const end = at + 4 + rest.getUint16(at + 2, true);
    for (let place = at + 4; place + 8 <= end; place += 8) found.push(Number(rest.getBigUint64(place, true)));
  }
  return found;
}

async function viewOf(zip: Blob, at: number, size: number): Promise<DataView> {
  const data = await zip.slice(at, at + size).arrayBuffer();
  if (data.byteLength < size) throw unreadable();
  return new DataView(data);
}

function unreadable(): ZipRefused {
  return new ZipRefused("This zip is not whole. Take it again from where it came, or another keeper's kit.");
}
