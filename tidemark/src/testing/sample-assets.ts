/** Small genuine files for tests, made from nothing. */
import { constants, crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { PDFDocument } from 'pdf-lib';

export interface SampleSound {
  readonly seconds: number;
  readonly sampleRateHz?: number;
  readonly channels?: number;
}

/** 16-bit PCM, a falling tone. */
export function sampleSamples({ seconds, sampleRateHz = 8000, channels = 1 }: SampleSound): Buffer {
  const frames = Math.round(seconds * sampleRateHz);
  const samples = Buffer.alloc(frames * channels * 2);
  for (let at = 0; at < frames * channels; at += 1) {
    samples.writeInt16LE(Math.round(8000 * Math.sin(at / (7 + at / 20_000))), at * 2);
  }
  return samples;
}

/** `statedBytes` replaces the length of the samples in the header, as a writer to a pipe does (0 or 2^32-1). */
export function sampleWave(sound: SampleSound & { readonly statedBytes?: number }): Buffer {
  const { sampleRateHz = 8000, channels = 1 } = sound;
  const samples = sampleSamples(sound);
  const header = Buffer.alloc(44);
  header.write('RIFF');
  header.writeUInt32LE(sound.statedBytes ?? 36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(sound.statedBytes ?? samples.length, 40);
  return Buffer.concat([header, samples]);
}

/** H.264 pictures without sound. Sizes are even numbers. */
export async function sampleVideo({
  seconds,
  width = 64,
  height = 48,
  framesPerSecond = 10,
}: {
  seconds: number;
  width?: number;
  height?: number;
  framesPerSecond?: number;
}): Promise<Buffer> {
  const { default: encoders } = await import('h264-mp4-encoder');
  const encoder = await encoders.createH264MP4Encoder();
  encoder.width = width;
  encoder.height = height;
  encoder.frameRate = framesPerSecond;
  encoder.initialize();
  for (let frame = 0; frame < Math.round(seconds * framesPerSecond); frame += 1) {
    encoder.addFrameRgba(new Uint8Array(width * height * 4).fill((frame * 8) % 256));
  }
  encoder.finalize();
  const video = Buffer.from(encoder.FS.readFile(encoder.outputFilename));
  encoder.delete();
  return video;
}

/** PCM sound in an MP4 container: marked as video, and without a picture. */
export function sampleSoundInMp4(sound: SampleSound): Buffer {
  const { sampleRateHz = 8000, channels = 1 } = sound;
  const samples = sampleSamples(sound);
  const frames = samples.length / (channels * 2);
  const start = box('ftyp', Buffer.from('isom\0\0\x02\0isommp42', 'latin1'));
  const samplesAt = start.length + 8;
  const identity = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];
  const entry = Buffer.alloc(28);
  entry.writeUInt16BE(1, 6);
  entry.writeUInt16BE(channels, 16);
  entry.writeUInt16BE(16, 18);
  entry.writeUInt32BE(sampleRateHz * 65_536, 24);
  const index = box(
    'stbl',
    box('stsd', u32(0, 1), box('sowt', entry)),
    box('stts', u32(0, 1, frames, 1)),
    box('stsc', u32(0, 1, 1, frames, 1)),
    box('stsz', u32(0, channels * 2, frames)),
    box('stco', u32(0, 1, samplesAt)),
  );
  const media = box(
    'mdia',
    box('mdhd', u32(0, 0, 0, sampleRateHz, frames, 0x55c40000)),
    box('hdlr', u32(0, 0), Buffer.from('soun'), u32(0, 0, 0), Buffer.from('\0')),
    box('minf', box('smhd', u32(0, 0)), box('dinf', box('dref', u32(0, 1), box('url ', u32(1)))), index),
  );
  const movie = box(
    'moov',
    box(
      'mvhd',
      u32(0, 0, 0, sampleRateHz, frames, 0x10000, 0x1000000, 0, 0, ...identity, 0, 0, 0, 0, 0, 0, 2),
    ),
    box('trak', box('tkhd', u32(7, 0, 0, 1, 0, frames, 0, 0, 0, 0x1000000, ...identity, 0, 0)), media),
  );
  return Buffer.concat([start, box('mdat', samples), movie]);
}

function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type, 'latin1'), body]);
}

function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => {
    bytes.writeUInt32BE(value, at * 4);
  });
  return bytes;
}

export async function samplePdf({
  pages,
  title,
  language,
}: {
  pages: number;
  title?: string;
  language?: string;
}): Promise<Buffer> {
  return Buffer.from(await (await document({ pages, title, language })).save());
}

/** Opens with a password only. */
export async function samplePdfWithPassword({ pages }: { pages: number }): Promise<Buffer> {
  const plain = Buffer.from(await (await document({ pages })).save({ useObjectStreams: false }));
  // The keys are of no password at all: no reader gets further than asking for one.
  const key = '5a'.repeat(32);
  const encryption = `/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <${key}> /U <${key}> >> /ID [<00><00>]`;
  return Buffer.from(plain.toString('latin1').replace('trailer\n<<', `trailer\n<< ${encryption}`), 'latin1');
}

async function document({
  pages,
  title,
  language,
}: {
  pages: number;
  title?: string | undefined;
  language?: string | undefined;
}): Promise<PDFDocument> {
  const pdf = await PDFDocument.create({ updateMetadata: false });
  if (title !== undefined) pdf.setTitle(title);
  if (language !== undefined) pdf.setLanguage(language);
  for (let page = 0; page < pages; page += 1) pdf.addPage([200, 200]);
  return pdf;
}

/** Grey, one byte a pixel. */
export function samplePng({ width, height }: { width: number; height: number }): Buffer {
  const header = Buffer.concat([u32(width, height), Buffer.from([8, 0, 0, 0, 0])]);
  const rows = deflateSync(Buffer.alloc((width + 1) * height));
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    return Buffer.concat([u32(data.length), body, u32(crc32(body))]);
  };
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PDF of one page whose page tree stands in a stream that inflates to a size of one's choice. */
export function samplePdfThatInflates({ mebibytes }: { mebibytes: number }): Buffer {
  const tree = [
    '<</Type/Catalog/Pages 2 0 R>>'.padEnd(50),
    '<</Type/Pages/Kids[3 0 R]/Count 1>>'.padEnd(50),
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>',
  ].join('');
  const offsets = '1 0 2 50 3 100 ';
  const flushed = { finishFlush: constants.Z_FULL_FLUSH };
  const spaces = deflateRawSync(Buffer.alloc(1024 * 1024, ' '), flushed);
  const stream = Buffer.concat([
    Buffer.from([0x78, 0x9c]),
    deflateRawSync(offsets + tree, flushed),
    ...Array<Buffer>(mebibytes).fill(spaces),
    deflateRawSync(''),
  ]);
  const parts: Buffer[] = [Buffer.from('%PDF-1.5\n')];
  const length = () => parts.reduce((sum, part) => sum + part.length, 0);
  const object = (number: number, dictionary: string, body: Buffer) => {
    const begin = `${number} 0 obj\n<<${dictionary}/Length ${body.length}>>\nstream\n`;
    parts.push(Buffer.from(begin), body, Buffer.from('\nendstream\nendobj\n'));
  };
  const row = (kind: number, place: number, index: number) => {
    const bytes = Buffer.alloc(7, kind);
    bytes.writeUInt32BE(place, 1);
    bytes.writeUInt16BE(index, 5);
    return bytes;
  };
  const treeAt = length();
  object(4, `/Type/ObjStm/N 3/First ${offsets.length}/Filter/FlateDecode`, stream);
  const xrefAt = length();
  const rows = [
    row(0, 0, 65535),
    row(2, 4, 0),
    row(2, 4, 1),
    row(2, 4, 2),
    row(1, treeAt, 0),
    row(1, xrefAt, 0),
  ];
  object(5, '/Type/XRef/Size 6/W[1 4 2]/Root 1 0 R', Buffer.concat(rows));
  return Buffer.concat([...parts, Buffer.from(`startxref\n${xrefAt}\n%%EOF\n`)]);
}
