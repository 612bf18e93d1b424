import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exampleFile, exampleTable, MemoryIo, uuidOf } from './example-table.fixture.ts';
import { expiredSnapshots, withoutSnapshots } from './expire-snapshots.ts';
import { liveDataFiles, manifestsOf } from './read-table.ts';
import { stageSnapshot } from './stage-snapshot.ts';
import { currentSnapshot, type TableMetadata, withTag } from './table-metadata.ts';
import { filesNoLongerReferenced, referencedFiles } from './unreferenced-files.ts';

const START = 1_700_000_000_000;
const NEVER_MERGED = { manifestsMin: 1_000, manifestBytesTarget: 1_000_000 };

/** A table of so many appends of one file, one every second. */
async function appended(
  count: number,
  merge = NEVER_MERGED,
): Promise<{ io: MemoryIo; metadata: TableMetadata; listBytes: number[] }> {
  const io = new MemoryIo();
  let metadata = exampleTable();
  const listBytes: number[] = [];
  for (let number = 1; number <= count; number += 1) {
    const staged = await stageSnapshot({
      io,
      metadata,
      operation: 'append',
      addFiles: [exampleFile(`f${number}`)],
      summary: {},
      merge,
      snapshotId: BigInt(number),
      commitUuid: uuidOf(`append ${number}`),
      nowMs: START + number * 1_000,
    });
    metadata = staged.metadata;
    listBytes.push(io.files.get(staged.snapshot['manifest-list'])?.length ?? 0);
  }
  return { io, metadata, listBytes };
}

const filesOf = async (io: MemoryIo, metadata: TableMetadata, snapshotId: bigint) =>
  (await Array.fromAsync(liveDataFiles({ io, metadata, snapshotId }))).map(({ uri }) => uri).sort();

const ids = (snapshots: readonly { readonly 'snapshot-id': bigint }[]) =>
  snapshots.map((snapshot) => Number(snapshot['snapshot-id']));

describe('a commit', () => {
  it('merges small manifests, so that their number stays bounded and every file keeps its snapshot', async () => {
    const { io, metadata, listBytes } = await appended(60, {
      manifestsMin: 8,
      manifestBytesTarget: 1_000_000,
    });
    const manifests = await manifestsOf(io, currentSnapshot(metadata)!);
    assert.ok(manifests.length <= 8, `${manifests.length} manifests`);
    assert.ok(Math.max(...listBytes) < 2 * listBytes[8]!);
    const live = await Array.fromAsync(liveDataFiles({ io, metadata }));
    assert.deepEqual(
      live.map((file) => [file.uri, file.addedSnapshotId, file.sequenceNumber]).sort(),
      Array.from({ length: 60 }, (_, index) => [
        exampleFile(`f${index + 1}`).uri,
        BigInt(index + 1),
        index + 1,
      ]).sort(),
    );
  });

  it('leaves a manifest that has reached its size as it is', async () => {
    const { io, metadata } = await appended(12, { manifestsMin: 2, manifestBytesTarget: 1 });
    assert.equal((await manifestsOf(io, currentSnapshot(metadata)!)).length, 12);
  });
});

describe('the snapshots that expire', () => {
  const nowMs = START + 100_000;

  it('are those beyond the least number that are too old, and those beyond the most', async () => {
    const { metadata } = await appended(10);
    const of = (retention: { keptMin: number; keptMax: number; ageMs: number }) =>
      ids(expiredSnapshots(metadata, { retention, protectedIds: new Set(), nowMs }));
    assert.deepEqual(of({ keptMin: 3, keptMax: 9, ageMs: 0 }), [1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(of({ keptMin: 3, keptMax: 8, ageMs: 1e9 }), [1, 2]);
    // 95 seconds ago is the fifth.
    assert.deepEqual(of({ keptMin: 1, keptMax: 9, ageMs: 95_000 }), [1, 2, 3, 4]);
  });

  it('are never the head, one with a name, one of another branch, or one that is needed', async () => {
    const { metadata } = await appended(6);
    const tagged = withTag(metadata, { name: 'before-run', snapshotId: 2n });
    const branched = {
      ...tagged,
      refs: { ...tagged.refs, audit: { 'snapshot-id': 1n, type: 'branch' as const } },
    };
    const retention = { keptMin: 1, keptMax: 1, ageMs: 0 };
    const expired = expiredSnapshots(branched, { retention, protectedIds: new Set([4n]), nowMs });
    assert.deepEqual(ids(expired), [3, 5]);
  });

  it('take the log up to the last of them with them, and what is left can be parsed', async () => {
    const { metadata } = await appended(5);
    const left = withoutSnapshots(metadata, new Set([1n, 3n]));
    assert.deepEqual(ids(left.snapshots), [2, 4, 5]);
    assert.deepEqual(ids(left['snapshot-log']), [4, 5]);
  });
});

describe('the files that are no longer referred to', () => {
  it('are exactly those that no snapshot left holds, after any history', async () => {
    const steps = fc.array(
      fc.record({ add: fc.nat({ max: 2 }), remove: fc.option(fc.nat()), tag: fc.boolean() }),
      { minLength: 2, maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 4 }), async (history, keptMin) => {
        const io = new MemoryIo();
        let metadata = exampleTable();
        const held = new Map<bigint, string[]>();
        let live: string[] = [];
        for (const [index, step] of history.entries()) {
          const out = step.remove === null || live.length === 0 ? [] : [live[step.remove % live.length]!];
          const added = Array.from({ length: step.add }, (_, part) => exampleFile(`${index}-${part}`));
          const snapshotId = BigInt(index + 1);
          const staged = await stageSnapshot({
            io,
            metadata,
            operation: out.length === 0 ? 'append' : added.length === 0 ? 'delete' : 'overwrite',
            addFiles: added,
            removeFilePaths: new Set(out),
            summary: {},
            merge: { manifestsMin: 3, manifestBytesTarget: 1_000_000 },
            snapshotId,
            commitUuid: uuidOf(`step ${index}`),
            nowMs: START + index,
          });
          metadata = step.tag ? withTag(staged.metadata, { name: `t${index}`, snapshotId }) : staged.metadata;
          live = [...live.filter((uri) => !out.includes(uri)), ...added.map(({ uri }) => uri)].sort();
          held.set(snapshotId, live);
        }
        const expired = expiredSnapshots(metadata, {
          retention: { keptMin, keptMax: keptMin, ageMs: 0 },
          protectedIds: new Set(),
          nowMs: START,
        });
        const after = withoutSnapshots(metadata, new Set(expired.map((entry) => entry['snapshot-id'])));
        const gone = new Set(await filesNoLongerReferenced(io, { before: metadata, after }));
        const [before, kept] = [
          await referencedFiles({ io, metadata }),
          await referencedFiles({ io, metadata: after }),
        ];
        assert.deepEqual([...before].filter((uri) => !kept.has(uri)).sort(), [...gone].sort());
        // With them really gone, every snapshot left still reads as it was.
        for (const uri of gone) io.files.delete(uri);
        for (const { 'snapshot-id': id } of after.snapshots)
          assert.deepEqual(await filesOf(io, after, id), held.get(id));
      }),
      { numRuns: 40 },
    );
  });
});
