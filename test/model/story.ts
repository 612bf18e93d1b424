import fc from 'fast-check';
import { RESTART_POINTS } from '../../tidemark/src/model/restart-points.ts';
import { CONTRACTS, type ContractName, type Line, tellLines } from './deliveries.ts';
import { MANIFESTS, type ManifestName, type SourceName } from './reference.ts';
import type { CrashPoint } from './simulated-crash.ts';

/** One thing that happens. Plain data: a story is a list of them, and any part of a story is a story. */
export type Step =
  /** `quietly`: the manifest still says what it said. */
  | {
      readonly kind: 'deliver';
      readonly source: SourceName;
      readonly change: Change;
      readonly quietly: boolean;
    }
  | { readonly kind: 'hold'; readonly source: SourceName; readonly held: boolean }
  | { readonly kind: 'contract'; readonly name: ContractName }
  | {
      readonly kind: 'run';
      readonly manifest: ManifestName;
      readonly batch: string;
      readonly crash: CrashPoint | null;
    }
  | {
      readonly kind: 'recover';
      readonly verb: 'retry' | 'rerun' | 'replay';
      readonly manifest: ManifestName;
      readonly batch: string;
      readonly crash: CrashPoint | null;
    }
  /** What `recover` names first, done. */
  | { readonly kind: 'follow'; readonly crash: CrashPoint | null }
  | { readonly kind: 'verify' }
  /** An operator sets where a source stands, by plan. */
  | {
      readonly kind: 'state';
      readonly source: SourceName;
      readonly object: 'cursor' | 'watermark';
      readonly minute: number;
    }
  /** A data file is deleted or a byte of a raw object changed; it is verified, and what that suggests is typed. */
  | { readonly kind: 'damage'; readonly what: 'data file' | 'raw object'; readonly at: number };

/** What becomes of a source's file. */
export type Change =
  | { readonly kind: 'replace'; readonly lines: readonly Line[] }
  | { readonly kind: 'grow'; readonly lines: readonly Line[] }
  | { readonly kind: 'double' | 'reverse' | 'shrink' | 'remove' }
  | { readonly kind: 'corrupt'; readonly at: number };

const BATCHES = ['one', 'two'];
const SOURCES = Object.values(MANIFESTS).flat();

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
const of = {
  manifest: fc.constantFrom<ManifestName>('desk', 'desk', 'portal'),
  batch: fc.constantFrom('one', 'one', ...BATCHES),
};

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 18,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      source: fc.constantFrom(...SOURCES),
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
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('recover' as const),
      verb: fc.constantFrom('retry' as const, 'rerun', 'replay'),
      ...of,
      crash,
    }),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('follow' as const), crash }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'verify' as const }) },
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

/** The story as a person would tell it. */
export function tellStep(told: Step): string {
  const dying =
    'crash' in told && told.crash !== null
      ? `, and dies at ${told.crash.point} (time ${told.crash.nth})`
      : '';
  switch (told.kind) {
    case 'deliver':
      return `${told.source} ${tellChange(told.change)}${told.quietly ? ', its manifest unchanged' : ''}`;
    case 'hold':
      return told.held
        ? `the metadata of ${told.source} goes missing`
        : `the metadata of ${told.source} is complete`;
    case 'contract':
      return `the contract becomes ${told.name}`;
    case 'run':
      return `run ${told.manifest}, batch ${told.batch}${dying}`;
    case 'recover':
      return `${told.verb} ${told.manifest}, batch ${told.batch}${dying}`;
    case 'damage':
      return `a ${told.what} is damaged (${told.at}), verified, and mended as suggested`;
    case 'state':
      return `an operator sets the ${told.object} of ${told.source} to minute ${told.minute}`;
    case 'verify':
      return 'verify everything';
    case 'follow':
      return `do what recover names first${dying}`;
  }
}

function tellChange(made: Change): string {
  switch (made.kind) {
    case 'replace':
      return `is delivered as ${tellLines(made.lines)}`;
    case 'grow':
      return `grows by ${tellLines(made.lines)}`;
    case 'double':
      return 'is delivered with every line twice';
    case 'reverse':
      return 'is delivered in reverse order';
    case 'shrink':
      return 'loses its last line';
    case 'remove':
      return 'is removed';
    case 'corrupt':
      return `has line ${made.at + 1} broken`;
  }
}
