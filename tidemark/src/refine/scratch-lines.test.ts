import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, it } from 'node:test';
import { ScratchLines } from './scratch-lines.ts';

const root = mkdtempSync(join(tmpdir(), 'tidemark-scratch-'));
after(() => rmSync(root, { recursive: true }));

let folders = 0;
function emptyFolder(): string {
  folders += 1;
  const dir = join(root, String(folders));
  mkdirSync(dir);
  return dir;
}

async function writeAll(lines: ScratchLines, texts: Iterable<string>): Promise<readonly string[]> {
  for (const text of texts) {
    lines.add(text);
    if (lines.isDue) await lines.write();
  }
  return await lines.finish();
}

it('a file without a line is not made', async () => {
  const dir = emptyFolder();
  assert.deepEqual(await writeAll(new ScratchLines({ dir, name: 'accepted', partBytesMax: 10 }), []), []);
  assert.deepEqual(readdirSync(dir), []);
});

it('a part is closed once it has its bytes, and a line is never cut', async () => {
  const dir = emptyFolder();
  const texts = ['1234', '5678', '90', 'a line longer than a part', 'é中😀', 'x', 'y'];
  const parts = await writeAll(new ScratchLines({ dir, name: 'accepted', partBytesMax: 10 }), texts);
  assert.deepEqual(
    parts.map((path) => [basename(path), readFileSync(path, 'utf8')]),
    [
      ['accepted-00001.ndjson', '1234\n5678\n'],
      ['accepted-00002.ndjson', '90\na line longer than a part\n'],
      ['accepted-00003.ndjson', 'é中😀\n'],
      ['accepted-00004.ndjson', 'x\ny\n'],
    ],
  );
});

it('more than is held back at once arrives whole', async () => {
  const dir = emptyFolder();
  const texts = Array.from({ length: 3000 }, (_, at) => `${at} ${'é'.repeat(500)}`);
  const [path = '', ...more] = await writeAll(
    new ScratchLines({ dir, name: 'rejects', partBytesMax: null }),
    texts,
  );
  assert.deepEqual(more, []);
  assert.equal(readFileSync(path, 'utf8'), `${texts.join('\n')}\n`);
});

it('a full disk is the system’s own error', {
  skip: existsSync('/dev/full') ? false : 'needs /dev/full',
}, async () => {
  const dir = emptyFolder();
  symlinkSync('/dev/full', join(dir, 'rejects-00001.ndjson'));
  await using lines = new ScratchLines({ dir, name: 'rejects', partBytesMax: null });
  await assert.rejects(writeAll(lines, ['x']), { code: 'ENOSPC' });
});
