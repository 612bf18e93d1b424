import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_LIMITS, type Limits } from '../../../model/limits.ts';
import { tempFolder } from '../../../testing/temp-folder.ts';
import { type ZipMember, zipArchive } from '../../../testing/zip-archive.ts';
import { decompress } from '../decompress.ts';
import { StreamFault } from '../stream-fault.ts';

async function read(
  bytes: Buffer,
  { member = null, ...limits }: { member?: string | null } & Partial<Limits> = {},
): Promise<string> {
  await using folder = await tempFolder();
  const path = await folder.write('object', bytes);
  const { signal } = new AbortController();
  const request = {
    path,
    compression: 'zip',
    member,
    limits: { ...DEFAULT_LIMITS, ...limits },
    signal,
  } as const;
  try {
    return Buffer.concat(
      await Array.fromAsync(decompress(request), (chunk) => Buffer.from(chunk)),
    ).toString();
  } catch (error) {
    if (!(error instanceof StreamFault)) throw error;
    return `${error.rule}: ${error.received}`;
  }
}

const A: ZipMember = { name: 'a.jsonl', content: '{"n":1}\n' };
const B: ZipMember = { name: 'b.jsonl', content: '\uFEFF{"n":2}' };

describe('a zip archive', () => {
  it('gives its only file, passing over folders and what a system puts beside it', async () => {
    const around = ['exports/', '__MACOSX/._a.jsonl', '.DS_Store'].map((name) => ({ name, content: '' }));
    assert.equal(await read(zipArchive([...around, A])), '{"n":1}\n');
    assert.equal(await read(zipArchive([{ ...A, method: 0 }])), '{"n":1}\n');
    assert.equal(await read(zipArchive([A], { zip64: true })), '{"n":1}\n');
  });

  it('gives the members of a pattern by name, each line its own, and one by its very name', async () => {
    const bytes = zipArchive([
      { ...B, name: 'e/c.jsonl' },
      { ...B, name: 'e/b.jsonl' },
      { ...A, name: 'e/*.jsonl' },
    ]);
    const [marked, line] = ['\uFEFF{"n":2}', '{"n":2}'];
    assert.equal(await read(bytes, { member: 'e/?.jsonl' }), `${A.content}${line}\n${line}`);
    assert.equal(
      await read(bytes, { member: '*/[bc].jsonl' }),
      'archive_member: "e/c.jsonl", "e/b.jsonl", "e/*.jsonl"',
    );
    assert.equal(await read(bytes, { member: 'e/*.jsonl' }), A.content);
    assert.equal(await read(bytes, { member: 'e/b*' }), marked);
  });

  it('says what it holds where it is not clear which member is meant', async () => {
    assert.equal(await read(zipArchive([A, B])), 'archive_member: "a.jsonl", "b.jsonl"');
    assert.equal(await read(zipArchive([A]), { member: 'c' }), 'archive_member: "a.jsonl"');
    assert.equal(await read(zipArchive([])), 'archive_member: no file');
  });

  for (const [what, members, told] of [
    [
      'a name that leads out of it',
      [A, { ...B, name: '../b' }],
      /^archive_refused: invalid relative path: \.\.\/b/,
    ],
    ['an absolute name', [{ ...A, name: '/etc/a' }], /^archive_refused: absolute path/],
    ['a member that is encrypted', [{ ...A, flags: 1 }], /^archive_refused: "a.jsonl", which is encrypted/],
    ['a member that is there twice', [A, A], /^archive_refused: "a.jsonl", which is in it twice/],
    ['a link', [{ ...A, mode: 0o120777 }], /^archive_refused: "a.jsonl", which is a link or no file/],
    ['another compression', [{ ...A, method: 12 }], /^archive_refused: .* compressed by method 12/],
    [
      'a wrong checksum',
      [{ ...A, crc: 7 }],
      /^stream_corrupt: "a.jsonl", whose bytes do not come to its checksum/,
    ],
    ['less than it says', [{ ...A, claimedBytes: 9 }], /^stream_corrupt: not enough bytes/],
    ['more than it says', [{ ...A, claimedBytes: 7 }], /^stream_corrupt: too many bytes/],
  ] as const) {
    it(`is refused for ${what}`, async () => {
      assert.match(await read(zipArchive(members), { member: '*.jsonl' }).catch(String), told);
    });
  }

  it('is refused beyond the limits, whatever its directory says', async () => {
    assert.match(await read(zipArchive([A, B]), { archiveMembersMax: 1 }), /^archive_refused: 2/);
    assert.match(await read(zipArchive([A]), { decodedBytesMax: 5 }), /^decoded_too_large/);
    const bomb = { name: 'z', content: Buffer.alloc(20_000_000) };
    assert.match(await read(zipArchive([bomb])), /^decoded_ratio_too_high/);
  });

  it('is refused for members that share the same bytes', async () => {
    const one = zipArchive([{ name: 'zz', content: Buffer.alloc(1_000_000) }]);
    const local = one.subarray(0, one.indexOf('PK\x01\x02'));
    const central = one.subarray(local.length, -22);
    const directory = Array.from({ length: 100 }, (_, n) => {
      const header = Buffer.from(central);
      header.writeUInt16BE(0x4141 + (n % 10) * 256 + Math.floor(n / 10), 46);
      return header;
    });
    const end = Buffer.from(one.subarray(-22));
    for (const at of [8, 10]) end.writeUInt16LE(100, at);
    end.writeUInt32LE(central.length * 100, 12);
    const overlapping = Buffer.concat([local, ...directory, end]);
    assert.match(
      await read(overlapping, { member: '??' }),
      /^archive_refused: "AA", called "zz" where it is/,
    );
  });

  it('is refused where its directory tells of fewer members than it has', async () => {
    const bytes = zipArchive([A, B]);
    for (const at of [8, 10]) bytes.writeUInt16LE(1, bytes.length - 22 + at);
    assert.match(await read(bytes), /^stream_corrupt: a directory that goes on behind its last member/);
  });

  it('comes whole, or is refused with a reason, wherever it is cut or one bit of it is turned', async () => {
    const members = ['x/a.jsonl', 'x/b.jsonl'].map((name) => ({ ...A, name }));
    const [narrow, wide] = [zipArchive(members), zipArchive(members, { zip64: true })];
    const text = await read(narrow, { member: 'x/*' });
    const places = fc.record({ at: fc.nat(wide.length - 1), bit: fc.nat(7), cut: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(places, fc.constantFrom(narrow, wide), async ({ at: place, bit, cut }, whole) => {
        const at = place % whole.length;
        const bytes = Buffer.from(cut ? whole.subarray(0, at) : whole);
        if (!cut) bytes[at] = (bytes[at] as number) ^ (1 << bit);
        const found = await read(bytes, { member: 'x/*' });
        if (found !== text) assert.match(found, /^(stream_|archive_)/);
      }),
    );
  });

  it('is refused for bytes in front of it or behind it, which other programs would read otherwise', async () => {
    const whole = zipArchive([A]);
    assert.match(
      await read(Buffer.concat([whole, Buffer.from('more')])),
      /^stream_corrupt: Invalid comment length/,
    );
    assert.match(await read(Buffer.concat([Buffer.from('before'), whole])), /^stream_corrupt/);
  });
});
