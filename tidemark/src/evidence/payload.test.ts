import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openSqliteCatalog } from '../catalog/open-sqlite.ts';
import { homeAt } from '../landing/home.ts';
import { DEFAULT_LIMITS } from '../model/limits.ts';
import { tempFolder } from '../testing/temp-folder.ts';
import { PayloadReader } from './payload.ts';

function archiveAt(dir: string, lineBytesMax: number) {
  const catalog = openSqliteCatalog({ path: join(dir, 'catalog.db'), readOnly: false });
  const { signal } = new AbortController();
  return { home: homeAt(dir), catalog, limits: { ...DEFAULT_LIMITS, lineBytesMax }, signal };
}

describe('payloads', () => {
  test('are the bytes at their place, wherever it is and in whatever order they are asked for', async () => {
    await using folder = await tempFolder();
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 251));
    await folder.write('a', bytes);
    await folder.write('b', bytes.subarray(1));
    await using reader = new PayloadReader(archiveAt(folder.path, 150_000));
    const place = fc.record({
      ref: fc.constantFrom('a', 'b'),
      offset: fc.nat(bytes.length - 2),
      length: fc.oneof(fc.nat(2_000), fc.nat(150_000)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 6 }), async (places) => {
        for (const { ref, offset, length } of places) {
          const whole = ref === 'a' ? bytes : bytes.subarray(1);
          const payload = await reader.read({ ref, unitKey: '', offset, length });
          if (offset + length > whole.length) {
            assert.equal(payload.kind, 'unavailable');
            continue;
          }
          assert.ok(payload.kind === 'read');
          assert.ok(whole.subarray(offset, offset + length).equals(payload.bytes));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('of which no length is known end with their line, or with the file', async () => {
    await using folder = await tempFolder();
    const long = 'x'.repeat(100_000);
    await folder.write('a', `first\n${long}\nlast`);
    await using reader = new PayloadReader(archiveAt(folder.path, 1_000_000));
    const line = async (offset: number) => {
      const payload = await reader.readLine({ ref: 'a', unitKey: '', offset });
      return payload.kind === 'read' ? Buffer.from(payload.bytes).toString() : payload.reason;
    };
    assert.equal(await line(0), 'first');
    assert.equal(await line(6), long);
    assert.equal(await line(6 + long.length + 1), 'last');
  });
});
