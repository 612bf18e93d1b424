import fc from 'fast-check';
import { MAINTENANCE_POINTS, RESTART_POINTS } from '../../tidemark/src/model/restart-points.ts';
import { CONTRACTS, type ContractName, type Line } from './deliveries.ts';
import {
  type ManifestName,
  PLACES,
  type PlaceName,
  partAt,
  SOURCES,
  sourcesOf,
  type Window,
} from './names.ts';
import type { CrashPoint } from './simulated-crash.ts';
import type { Change, Step } from './story.ts';

const BATCHES = ['one', 'two'];

const line: fc.Arbitrary<Line> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('record' as const),
      id: fc.integer({ min: 0, max: 5 }),
      note: fc.integer({ min: 0, max: 1 }),
      status: fc.constantFrom(
        'open' as const,
        'open' as const,
        'open' as const,
        'parked' as const,
        'lost' as const,
      ),
      exported: fc.integer({ min: 0, max: 1 }),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom<Line>({ kind: 'broken' }, { kind: 'blank' }) },
);

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('replace' as const), lines: fc.array(line, { maxLength: 6 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('grow' as const),
      lines: fc.array(line, { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('double' as const, 'reverse', 'shrink', 'remove') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('corrupt' as const), at: fc.nat({ max: 7 }) }) },
);

const crashPoint: fc.Arbitrary<CrashPoint> = fc.record({
  point: fc.constantFrom(...RESTART_POINTS),
  nth: fc.integer({ min: 1, max: 2 }),
});
const crash = fc.option(crashPoint, { freq: 2 });
const manifest = fc.constantFrom<ManifestName>('desk', 'desk', 'portal', 'box', 'box');
const of = { manifest, batch: fc.constantFrom('one', 'one', ...BATCHES) };
const anyOf = { manifest, batch: fc.constantFrom('one', 'one', ...BATCHES, 'backfilled') };

/** Where all is prepared: what goes on from there can only commit. Of a transaction nobody can take anything over. */
const HELD_AT = ['snapshots_staged', 'metadata_written'] as const;

/** Few intervals, so that they meet, overlap and leave holes between them. */
const window: fc.Arbitrary<Window> = fc
  .tuple(fc.constantFrom(0, 5, 10, 15), fc.constantFrom(5, 10, 20))
  .map(([from, length]) => ({ from, to: from + length }));

/** What is delivered meanwhile is of the same manifest: else the second brings in all that the first had prepared. */
const race: fc.Arbitrary<Step> = manifest.chain((name) =>
  fc.record({
    kind: fc.constant('race' as const),
    manifest: fc.constant(name),
    batch: of.batch,
    other: of.batch,
    at: fc.record({ point: fc.constantFrom(...HELD_AT), nth: fc.constant(1) }),
    dead: fc.boolean(),
    meanwhile: fc.record({
      place: fc.constantFrom(...PLACES.filter((place) => isOfManifest(place, name))),
      change,
    }),
  }),
);

function isOfManifest(place: PlaceName, name: ManifestName): boolean {
  return sourcesOf(name).includes(partAt(place).source);
}

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 18,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      place: fc.constantFrom(...PLACES),
      change,
      quietly: fc.nat({ max: 7 }).map((number) => number === 7),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hold' as const),
      source: fc.constantFrom(...SOURCES),
      held: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('contract' as const),
      name: fc.constantFrom(...(Object.keys(CONTRACTS) as ContractName[])),
    }),
  },
  { weight: 13, arbitrary: fc.record({ kind: fc.constant('run' as const), ...of, crash }) },
  { weight: 2, arbitrary: race },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('recover' as const),
      verb: fc.constantFrom('retry' as const, 'rerun', 'replay'),
      ...anyOf,
      crash,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('backfill' as const), window, ...anyOf, crash }),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('follow' as const), crash }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'verify' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('maintain' as const),
      expires: fc.boolean(),
      crash: fc.option(fc.record({ point: fc.constantFrom(...MAINTENANCE_POINTS), nth: fc.constant(1) }), {
        freq: 2,
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('state' as const),
      source: fc.constantFrom(...SOURCES),
      object: fc.constantFrom('cursor' as const, 'watermark'),
      minute: fc.integer({ min: 0, max: 40 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('damage' as const),
      what: fc.constantFrom('data file' as const, 'raw object'),
      at: fc.nat({ max: 9 }),
    }),
  },
);
