/** Boxes on the way to the three headers that carry times. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia']);
const HEADERS = new Set(['mvhd', 'tkhd', 'mdhd']);
/** Seconds from 1904, where MP4 begins to count, to 1970. */
const EPOCH_SHIFT_SECONDS = 2_082_844_800;

/**
 * A copy in which every creation and modification time is the given one (seconds since 1970). The encoder writes the
 * moment of encoding, which would make every generated file a different one.
 */
export function withFixedTimes(mp4: Uint8Array, seconds: number): Uint8Array {
  const copy = Buffer.from(mp4);
  setTimes(copy, seconds + EPOCH_SHIFT_SECONDS);
  return copy;
}

function setTimes(boxes: Buffer, time: number): void {
  for (let at = 0; at + 8 <= boxes.length; ) {
    const size = boxes.readUInt32BE(at);
    const type = boxes.toString('latin1', at + 4, at + 8);
    // 0 and 1 stand for "to the end" and "64 bits follow"; the encoder writes neither for files this small.
    if (size < 8 || at + size > boxes.length) throw new RangeError(`box ${type} of ${size} bytes at ${at}`);
    const body = boxes.subarray(at + 8, at + size);
    if (CONTAINERS.has(type)) setTimes(body, time);
    if (HEADERS.has(type)) {
      if (body[0] !== 0) throw new RangeError(`${type} of version ${body[0]}, expected 0`);
      body.writeUInt32BE(time, 4);
      body.writeUInt32BE(time, 8);
    }
    at += size;
  }
}
