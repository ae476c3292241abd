/**
 * Takes the names of functions out of a WebAssembly module: an eighth of the Worker's compressed size. A stack
 * trace then shows numbers; a build without this step (`worker-build` by hand) shows names.
 */
import { readFileSync, writeFileSync } from "node:fs";

const header = 8; // magic number and version
const customSection = 0;

/** An unsigned LEB128 number (WebAssembly 5.2.2) and the position after it. */
function number(bytes, position) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[position++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [value, position];
  }
}

/** The module without its custom sections `name` and `producers`. */
export function withoutNames(bytes) {
  const kept = [bytes.subarray(0, header)];
  for (let start = header; start < bytes.length; ) {
    const [size, content] = number(bytes, start + 1);
    const end = content + size;
    let name = "";
    if (bytes[start] === customSection) {
      const [length, from] = number(bytes, content);
      name = bytes.subarray(from, from + length).toString("utf8");
    }
    if (name !== "name" && name !== "producers") kept.push(bytes.subarray(start, end));
    start = end;
  }
  return Buffer.concat(kept);
}

/** Strips a file in place. */
export function stripNames(file) {
  writeFileSync(file, withoutNames(readFileSync(file)));
}
