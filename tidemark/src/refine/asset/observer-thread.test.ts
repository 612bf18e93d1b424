import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { DEFAULT_LIMITS } from '../../model/limits.ts';
import { samplePdf } from '../../testing/sample-assets.ts';
import { tempFolder } from '../../testing/temp-folder.ts';

describe('a thread that files are looked at in', () => {
  it('is kept for the next file, and does not keep the process alive', async () => {
    await using folder = await tempFolder();
    const content = await samplePdf({ pages: 1 });
    const look = {
      path: await folder.write('one.pdf', content),
      sizeBytes: content.length,
      assetType: 'document',
      mediaType: 'application/pdf',
      limits: DEFAULT_LIMITS,
    };
    const script = `
      import { lookInThread } from '${new URL('./observer-thread.ts', import.meta.url)}';
      const signal = new AbortController().signal;
      const { kind } = await lookInThread({ look: ${JSON.stringify(look)}, timeoutMs: 30_000, signal });
      console.log(JSON.stringify({ kind, alive: process.getActiveResourcesInfo() }));`;
    const run = promisify(execFile);
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script]);
    assert.deepEqual(JSON.parse(stdout), { kind: 'observed', alive: [] });
    assert.equal(stderr, '');
  });
});
