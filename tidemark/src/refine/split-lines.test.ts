import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { fingerprintOfBytes } from './fingerprint.ts';
import { type LineRange, numberRanges } from './line-ranges.ts';
import { type HeldLine, type OverlongLine, splitLines } from './split-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'tidemark-split-'));
after(() => rmSync(folder, { recursive: true }));

interface Split {
  readonly lines: readonly object[];
  readonly blank: number;
}

interface Bounds {
  readonly chunkBytes: number;
  readonly lineBytesMax: number;
}

/** The lines as a reader would list them; each held payload is checked against the file on the way. */
async function split(
  content: string | Buffer,
  bounds: Partial<Bounds> = {},
  range: LineRange | null = null,
): Promise<Split> {
  const file = typeof content === 'string' ? Buffer.from(content) : content;
  const path = join(folder, 'lines.jsonl');
  writeFileSync(path, file);
  const lines: object[] = [];
  let blank = 0;
  let reached = -1;
  const limits = { chunkBytes: 1024, lineBytesMax: 1024, ...bounds };
  for await (const batch of splitLines({ path, limits, range, signal: new AbortController().signal })) {
    blank += batch.blank;
    reached = batch.position;
    for (const line of batch.lines) {
      if (line.kind === 'overlong') {
        lines.push(line);
        continue;
      }
      const payload = batch.bytes.subarray(line.start, line.end);
      assert.ok(
        payload.equals(file.subarray(line.offset, line.offset + payload.length)),
        'the payload is at its offset',
      );
      lines.push({ number: line.number, offset: line.offset, payload: payload.toString('latin1') });
    }
  }
  if (range === null) assert.equal(reached, file.length, 'the position reached is the end of the file');
  return { lines, blank };
}

async function payloads(content: string | Buffer, bounds?: Partial<Bounds>) {
  const { lines } = await split(content, bounds);
  return lines.map((line) => Object.values(line));
}

describe('the lines of a file', () => {
  it('end with LF or CRLF, and keep their number and their byte offset', async () => {
    assert.deepEqual(await payloads('{"a":1}\n{"b":2}\r\n{"c":3}\n'), [
      [1, 0, '{"a":1}'],
      [2, 8, '{"b":2}'],
      [3, 17, '{"c":3}'],
    ]);
  });

  it('include the last one though its newline is missing', async () => {
    assert.deepEqual(await payloads('a\nb'), [
      [1, 0, 'a'],
      [2, 2, 'b'],
    ]);
  });

  it('begin after a byte order mark, which the offset counts', async () => {
    assert.deepEqual(await payloads('\ufeffa\nb\n'), [
      [1, 3, 'a'],
      [2, 5, 'b'],
    ]);
  });

  it('keep a byte order mark that stands anywhere else, or is not whole', async () => {
    assert.deepEqual(await payloads('\ufeff\ufeffa\n\ufeffb'), [
      [1, 3, '\xef\xbb\xbfa'],
      [2, 8, '\xef\xbb\xbfb'],
    ]);
    assert.deepEqual(await payloads(Buffer.from([0xef, 0xbb])), [[1, 0, '\xef\xbb']]);
    assert.deepEqual(await payloads(Buffer.from([0xef, 0xbb, 0x0a, 0xbf])), [
      [1, 0, '\xef\xbb'],
      [2, 3, '\xbf'],
    ]);
  });

  it('do not end at a lone CR', async () => {
    assert.deepEqual(await payloads('a\rb\n\r\rc\r'), [
      [1, 0, 'a\rb'],
      [2, 4, '\r\rc\r'],
    ]);
  });

  it('are numbered over blank lines, which are counted apart', async () => {
    assert.deepEqual(await split('\n \t \r\n\r\na\n\n\t'), {
      lines: [{ number: 4, offset: 8, payload: 'a' }],
      blank: 5,
    });
  });

  it('are none in an empty file, and in one that holds a byte order mark alone', async () => {
    assert.deepEqual(await split(''), { lines: [], blank: 0 });
    assert.deepEqual(await split('\ufeff'), { lines: [], blank: 0 });
    assert.deepEqual(await split('\n'), { lines: [], blank: 1 });
  });

  it('may hold whitespace that JSON does not know, which is not blank', async () => {
    assert.deepEqual(await payloads('\f\n\u00a0\n'), [
      [1, 0, '\f'],
      [2, 2, '\xc2\xa0'],
    ]);
  });
});

describe('an over-long line', () => {
  const overlong = (number: number, offset: number, payload: string) => ({
    kind: 'overlong',
    number,
    offset,
    length: payload.length,
    fingerprint: fingerprintOfBytes(Buffer.from(payload)),
  });

  it('is told by its length and its hash, and the lines around it are untouched', async () => {
    for (const chunkBytes of [1, 3, 64]) {
      assert.deepEqual(await split('ab\n12345678\ncd\n', { chunkBytes, lineBytesMax: 4 }), {
        lines: [
          { number: 1, offset: 0, payload: 'ab' },
          overlong(2, 3, '12345678'),
          { number: 3, offset: 12, payload: 'cd' },
        ],
        blank: 0,
      });
    }
  });

  it('is one only beyond the limit, and its terminator does not count', async () => {
    for (const chunkBytes of [1, 2, 64]) {
      const { lines } = await split('1234\n1234\r\n12345\r\n1234\r', { chunkBytes, lineBytesMax: 4 });
      assert.deepEqual(lines, [
        { number: 1, offset: 0, payload: '1234' },
        { number: 2, offset: 5, payload: '1234' },
        overlong(3, 11, '12345'),
        overlong(4, 18, '1234\r'),
      ]);
    }
  });

  it('may be the first, after a byte order mark, and the last, without a newline', async () => {
    const { lines } = await split('\ufeff12345678', { chunkBytes: 2, lineBytesMax: 4 });
    assert.deepEqual(lines, [overlong(1, 3, '12345678')]);
  });
});

it('a line without an end is read past in bounded memory', async () => {
  const path = join(folder, 'endless.jsonl');
  writeFileSync(path, 'first\n');
  truncateSync(path, 32 * 1024 * 1024);
  const limits = { chunkBytes: 4096, lineBytesMax: 10_000 };
  const lines: (HeldLine | OverlongLine)[] = [];
  for await (const batch of splitLines({ path, limits, signal: new AbortController().signal })) {
    lines.push(...batch.lines);
    assert.ok(
      batch.bytes.length <= limits.lineBytesMax + limits.chunkBytes + 1,
      `${batch.bytes.length} bytes held`,
    );
  }
  assert.deepEqual(lines.at(-1), {
    kind: 'overlong',
    number: 2,
    offset: 6,
    length: 32 * 1024 * 1024 - 6,
    fingerprint: fingerprintOfBytes(new Uint8Array(32 * 1024 * 1024 - 6)),
  });
});

it('the lines are the same however the reads cut the file', async () => {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('\n', '\r\n') },
    { weight: 1, arbitrary: fc.constantFrom('\r', ' ', '\t', '\ufeff', '\r\r\n') },
    { weight: 4, arbitrary: fc.string({ maxLength: 9 }) },
    { weight: 1, arbitrary: fc.constantFrom('é', '中文', '😀', '12345678901234567890') },
  );
  const content = fc.array(piece, { maxLength: 14 }).map((pieces) => Buffer.from(pieces.join('')));
  await fc.assert(
    fc.asyncProperty(content, fc.integer({ min: 0, max: 12 }), async (file, lineBytesMax) => {
      const whole = await split(file, { chunkBytes: 4096, lineBytesMax });
      for (const chunkBytes of [1, 2, 3, 7]) {
        assert.deepEqual(await split(file, { chunkBytes, lineBytesMax }), whole);
      }
      assert.equal(whole.lines.length + whole.blank, countLines(file));
    }),
    { numRuns: 150 },
  );
});

it('the lines are the same by whatever stretches they are asked for', async () => {
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('\n', '\r\n') },
    { weight: 1, arbitrary: fc.constantFrom('\r', ' ', '\ufeff') },
    { weight: 3, arbitrary: fc.string({ maxLength: 6 }) },
    { weight: 1, arbitrary: fc.constantFrom('é', '😀', '12345678901234567890') },
  );
  const file = fc
    .tuple(fc.boolean(), fc.array(piece, { maxLength: 8 }))
    .map(([bom, pieces]) => Buffer.from((bom ? '\ufeff' : '') + pieces.join('')));
  await fc.assert(
    fc.asyncProperty(file, fc.integer({ min: 1, max: 9 }), async (content, chunkBytes) => {
      const bounds = { chunkBytes, lineBytesMax: 12 };
      const whole = await split(content, bounds);
      for (let at = 1; at <= content.length; at += 1) {
        const parts: Split[] = [];
        const ranges = [
          { start: 0, end: at },
          { start: at, end: content.length },
        ];
        const numbered = numberRanges({
          path: join(folder, 'lines.jsonl'),
          ranges,
          limits: bounds,
          signal: new AbortController().signal,
        });
        for await (const range of numbered) parts.push(await split(content, bounds, range));
        const lines = parts.flatMap((part) => part.lines);
        assert.deepEqual(
          { lines, blank: (parts[0]?.blank ?? 0) + (parts[1]?.blank ?? 0) },
          whole,
          `cut at ${at}`,
        );
      }
    }),
    { numRuns: 60 },
  );
});

/** Counted another way: one for every LF, and one for what stands behind the last. */
function countLines(file: Buffer): number {
  const text = file.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  const parts = text.split('\n');
  return parts.at(-1) === '' ? parts.length - 1 : parts.length;
}

it('reading stops between two reads once it is aborted', async () => {
  const path = join(folder, 'aborted.jsonl');
  writeFileSync(path, 'a\nb\nc\n');
  const controller = new AbortController();
  const read = async () => {
    for await (const batch of splitLines({
      path,
      limits: { chunkBytes: 2, lineBytesMax: 16 },
      signal: controller.signal,
    })) {
      if (batch.position >= 4) controller.abort(new Error('the user pressed Ctrl-C'));
      assert.ok(batch.position < 6, 'nothing is read after the abort');
    }
  };
  await assert.rejects(read, /the user pressed Ctrl-C/);
});

it('a file that cannot be opened is the system’s own error', async () => {
  const request = {
    path: join(folder, 'nowhere.jsonl'),
    limits: { chunkBytes: 2, lineBytesMax: 16 },
    signal: new AbortController().signal,
  };
  await assert.rejects(splitLines(request).next(), { code: 'ENOENT' });
});
