import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

it('the example runs the bundled manifests and explains what did not simply go in', () => {
  const home = mkdtempSync(join(tmpdir(), 'tidemark-example-'));
  try {
    const example = fileURLToPath(new URL('ingest-and-explain.ts', import.meta.url));
    const project = fileURLToPath(new URL('..', import.meta.url));
    const printed = execFileSync(process.execPath, [example, project, home], { encoding: 'utf8' });
    assert.match(printed, /planned: \d+ of \d+ would go in/);
    assert.match(printed, /voice-desk: held\. pii_scan_status is suspected/);
    assert.match(printed, /bronze\.ticket: \d+ rows/);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
