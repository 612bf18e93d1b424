import { crc32 } from 'node:zlib';
import { COLOURS, PALETTE, type PixelCanvas } from './pixel-canvas.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const STORED_BLOCK_BYTES_MAX = 0xffff;

/**
 * Writes a palette PNG of two bits a pixel. The data is stored, not deflated: zlib may compress differently on another
 * processor or in another release of Node, and these bytes have to be the same everywhere.
 */
export function writePng(canvas: PixelCanvas): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(canvas.width, 0);
  header.writeUInt32BE(canvas.height, 4);
  header.set([2, 3, 0, 0, 0], 8);
  const palette = Buffer.from(COLOURS.flatMap((colour) => [...PALETTE[colour]]));
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', storedZlib(packRows(canvas))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Every row: one byte for the filter (none), then four pixels a byte, the leftmost highest. */
function packRows({ width, height, pixels }: PixelCanvas): Buffer {
  const stride = 1 + Math.ceil(width / 4);
  const packed = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * stride + 1 + (x >> 2);
      packed[at] = (packed[at] ?? 0) | ((pixels[y * width + x] ?? 0) << (6 - 2 * (x & 3)));
    }
  }
  return packed;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([uint32(data.length), body, uint32(crc32(body))]);
}

function storedZlib(data: Buffer): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x78, 0x01])];
  for (let at = 0; at < data.length; at += STORED_BLOCK_BYTES_MAX) {
    const block = data.subarray(at, at + STORED_BLOCK_BYTES_MAX);
    const head = Buffer.alloc(5);
    head[0] = at + block.length === data.length ? 1 : 0;
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(~block.length & 0xffff, 3);
    parts.push(head, block);
  }
  return Buffer.concat([...parts, uint32(adler32(data))]);
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of data) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
