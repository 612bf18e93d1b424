import type { PreparedUnit, UnitDigests } from '../bronze/prepared-unit.ts';
import { type Digest, digestsEqual, EMPTY_DIGEST, formatDigest, mergeDigests } from '../model/digest.ts';
import type { AssetTally } from '../model/tally.ts';

export type Verdict = 'pass' | 'fail' | 'unknown';

export interface Check {
  readonly name: string;
  readonly subject: string;
  readonly expected: string;
  readonly received: string;
  readonly verdict: Verdict;
}

/** The proof of one committed run: what was prepared against what the committed snapshots, read back, hold. */
export interface Reconciliation {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  readonly coverage: Coverage;
}

export interface Coverage {
  readonly declared: number;
  readonly landed: number;
  readonly committed: number;
  /** Declared and not committed, each with the reason. */
  readonly missing: readonly { readonly sourceId: string; readonly why: string }[];
}

/** What was found in one table's committed snapshot. */
export interface TableFacts {
  readonly table: string;
  readonly snapshotId: string;
  /** `added-records` of the snapshot summary. */
  readonly summaryRecords: number;
  readonly files: readonly {
    readonly uri: string;
    readonly manifestRecords: number;
    readonly footerRecords: number;
  }[];
  /** Digest of the record fingerprints read back, per unit and outcome; null for tables without them. */
  readonly digests: readonly {
    readonly unitKey: string;
    readonly outcome: keyof UnitDigests;
    readonly digest: Digest;
  }[];
  /** Rows whose anchors are not those of their unit, or are missing. */
  readonly strayRows: number;
  /** Files that could not be read back, the table's metadata among them; what they held is in none of the above. */
  readonly unreadable: readonly { readonly uri: string; readonly why: string }[];
}

export interface ObjectFacts {
  readonly sourceId: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly state: 'as_received' | 'missing' | 'size_differs' | 'sum_differs';
  /** Whether the sum was taken again from the stored bytes. */
  readonly hashed: boolean;
}

export interface ReconcileFacts {
  readonly units: readonly PreparedUnit[];
  readonly tables: readonly TableFacts[];
  readonly objects: readonly ObjectFacts[];
  readonly assets: AssetTally;
  readonly coverage: Coverage;
}

/** Pure: the verdict follows from the facts alone. */
export function reconcile(facts: ReconcileFacts): Reconciliation {
  const checks = [
    ...tableChecks(facts),
    ...digestChecks(facts),
    ...facts.objects.map(objectCheck),
    check({
      name: 'coverage',
      subject: 'manifest',
      expected: `${facts.coverage.declared} declared`,
      received: `${facts.coverage.committed} committed, ${facts.coverage.missing.length} accounted for otherwise`,
      ok: facts.coverage.declared === facts.coverage.committed + facts.coverage.missing.length,
    }),
  ];
  const verdict = checks.some((entry) => entry.verdict === 'fail') ? 'fail' : 'pass';
  return { verdict, checks, coverage: facts.coverage };
}

/** The same, where more files turned out not to be whole when all of their rows were read. */
export function withUnreadable(
  reconciliation: Reconciliation,
  files: TableFacts['unreadable'],
): Reconciliation {
  if (files.length === 0) return reconciliation;
  return {
    ...reconciliation,
    verdict: 'fail',
    checks: [...reconciliation.checks, ...files.map(unreadable)],
  };
}

function unreadable({ uri, why }: TableFacts['unreadable'][number]): Check {
  return check({ name: 'readable', subject: uri, expected: 'a whole file', received: why, ok: false });
}

function* tableChecks({ units, tables }: ReconcileFacts): Generator<Check> {
  const names = new Set([
    ...tables.map(({ table }) => table),
    ...units.flatMap((unit) => unit.files.map(({ table }) => table)),
  ]);
  for (const name of [...names].sort()) {
    const prepared = units.flatMap((unit) => unit.files.filter((entry) => entry.table === name));
    const records = prepared.reduce((sum, entry) => sum + entry.records, 0);
    const found = tables.find(({ table }) => table === name);
    const subject = `bronze.${name}`;
    if (found === undefined) {
      yield check({
        name: 'snapshot',
        subject,
        expected: `${records} records added`,
        received: 'no snapshot',
        ok: false,
      });
      continue;
    }
    yield* found.unreadable.map(unreadable);
    yield equal({ name: 'snapshot_records', subject, expected: records, received: found.summaryRecords });
    const inFiles = found.files.reduce((sum, file) => sum + file.footerRecords, 0);
    yield equal({ name: 'file_records', subject, expected: records, received: inFiles });
    const lost = new Set(found.unreadable.map(({ uri }) => uri));
    for (const file of found.files.filter(
      ({ uri, manifestRecords, footerRecords }) => manifestRecords !== footerRecords && !lost.has(uri),
    )) {
      yield equal({
        name: 'file_records',
        subject: file.uri,
        expected: file.manifestRecords,
        received: file.footerRecords,
      });
    }
    const files = prepared.reduce((sum, entry) => sum + entry.files.length, 0);
    yield equal({ name: 'data_files', subject, expected: files, received: found.files.length });
    yield equal({ name: 'stray_rows', subject, expected: 0, received: found.strayRows });
  }
}

/** Per unit: each outcome read back equals what was prepared, and together they are everything that was read. */
function* digestChecks({ units, tables }: ReconcileFacts): Generator<Check> {
  const found = tables.flatMap((table) => table.digests);
  for (const unit of units.filter(({ tally }) => tally.read > 0)) {
    const outcomes = ['accepted', 'duplicate', 'out_of_window', 'quarantined', 'rejected'] as const;
    const readBack = outcomes.map((outcome) =>
      mergeDigests(
        found
          .filter((entry) => entry.unitKey === unit.unitKey && entry.outcome === outcome)
          .map((entry) => entry.digest),
      ),
    );
    for (const [index, outcome] of outcomes.entries()) {
      const digest = readBack[index] ?? { count: 0, sum: 0n };
      const expected = unit.digests[outcome] ?? EMPTY_DIGEST;
      if (digest.count === 0 && expected.count === 0) continue;
      yield digestCheck({
        name: `digest_${outcome}`,
        subject: unit.sourceId,
        expected,
        received: digest,
      });
    }
    const received = mergeDigests(readBack);
    yield digestCheck({
      name: 'digest_source_equals_bronze',
      subject: unit.sourceId,
      expected: unit.digests.read,
      received,
    });
  }
}

function objectCheck(object: ObjectFacts): Check {
  return {
    name: object.hashed ? 'raw_checksum' : 'raw_object',
    subject: object.sourceId,
    expected: `${object.sizeBytes} bytes, SHA-256 ${object.sha256}`,
    received: object.state,
    verdict: object.state === 'as_received' ? 'pass' : 'fail',
  };
}

function digestCheck({
  expected,
  received,
  ...rest
}: {
  name: string;
  subject: string;
  expected: Digest;
  received: Digest;
}): Check {
  const texts = { expected: formatDigest(expected), received: formatDigest(received) };
  return check({ ...rest, ...texts, ok: digestsEqual(expected, received) });
}

function equal({
  expected,
  received,
  ...rest
}: {
  name: string;
  subject: string;
  expected: number;
  received: number;
}): Check {
  return check({
    ...rest,
    expected: String(expected),
    received: String(received),
    ok: expected === received,
  });
}

function check({
  ok,
  ...rest
}: {
  name: string;
  subject: string;
  expected: string;
  received: string;
  ok: boolean;
}): Check {
  return { ...rest, verdict: ok ? 'pass' : 'fail' };
}
