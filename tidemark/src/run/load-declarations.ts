import { relative } from 'node:path';
import type { Contract } from '../contract/contract.ts';
import type { ContractShelf } from '../contract/load-contracts.ts';
import { judgeAssets } from '../gate/judge-assets.ts';
import { placeProblem } from '../manifest/place-problem.ts';
import { scanManifests } from '../manifest/scan-manifests.ts';
import type { DeclaredManifest, ManifestReading, Problem } from '../manifest/source-manifest.ts';
import type { Limits } from '../model/limits.ts';
import { type ManifestSettings, settingsOf } from '../model/manifest-settings.ts';
import { nearMiss } from '../model/near-miss.ts';
import { compareBounds, readWindow } from '../refine/record-window.ts';
import type { RecordWindow } from '../refine/refined.ts';
import { type DeclaredAsset, declareAssets } from './declared-asset.ts';

/** Which manifests: the project's folder unless others are named. */
export interface Selection {
  readonly manifestDirs?: readonly string[];
  readonly manifestPaths?: readonly string[];
  /** Overrides the declared batch id for this invocation. */
  readonly batchId?: string;
}

export interface Declaration {
  readonly declared: DeclaredManifest;
  readonly batchId: string;
  readonly assets: readonly DeclaredAsset[];
}

export interface Declarations {
  readonly usable: readonly Declaration[];
  readonly refused: readonly Extract<ManifestReading, { kind: 'refused' }>[];
}

/** Reads manifests, judges their assets and pairs them with their contracts. Nothing of a source is touched. */
export async function loadDeclarations(options: {
  root: string;
  selection: Selection;
  defaultDir: string;
  contracts: ContractShelf;
  /** Of the project, by manifest id. */
  settings: Readonly<Record<string, Partial<ManifestSettings>>>;
  limits: Limits;
}): Promise<Declarations> {
  const { selection, contracts, limits } = options;
  const named = (selection.manifestDirs?.length ?? 0) + (selection.manifestPaths?.length ?? 0) > 0;
  const readings = await scanManifests({
    manifestDirs: named ? (selection.manifestDirs ?? []) : [options.defaultDir],
    manifestPaths: selection.manifestPaths ?? [],
    limits,
    root: options.root,
  });
  const usable: Declaration[] = [];
  const refused: Extract<ManifestReading, { kind: 'refused' }>[] = [];
  for (const reading of readings) {
    if (reading.kind === 'refused') {
      refused.push(reading);
      continue;
    }
    const { manifest } = reading.declared;
    const admissions = judgeAssets({
      manifest,
      contractAvailable: (ref) => contracts.get(ref).kind === 'contract',
    });
    const assets = declareAssets({ manifest, admissions, contracts, settings: options.settings });
    const place = { file: reading.declared.path, limits };
    const problems = [
      ...(await windowProblems(assets, place)),
      ...(await formatProblems(assets, { ...place, ...settingsOf(options.settings, manifest) })),
    ];
    if (problems.length > 0) {
      refused.push({ kind: 'refused', path: reading.declared.path, problems });
      continue;
    }
    usable.push({
      declared: {
        ...reading.declared,
        path: relative(options.root, reading.declared.path) || reading.declared.path,
      },
      batchId: selection.batchId ?? manifest.batch_id,
      assets,
    });
  }
  return { usable, refused };
}

/** A window that the contract cannot be cut by is known before a source is opened. */
async function windowProblems(
  assets: readonly DeclaredAsset[],
  { file, limits }: { file: string; limits: Limits },
): Promise<Problem[]> {
  const found = new Map<string, Problem>();
  for (const { window, contract } of assets) {
    if (window === null || contract === null) continue;
    const refused = refusedWindow(window, contract);
    if (refused === null || found.has(refused.message)) continue;
    const problem = {
      file,
      rule: 'window_refused',
      ...refused,
      found: `${window.field} from ${window.startAt ?? 'the beginning'} to ${window.endBefore ?? 'the newest'}`,
    };
    found.set(refused.message, await placeProblem(problem, { bytesMax: limits.declarationBytesMax }));
  }
  return [...found.values()];
}

/** A format for a source that is not there would say nothing, and nobody would notice. */
async function formatProblems(
  assets: readonly DeclaredAsset[],
  { file, limits, formats }: { file: string; limits: Limits } & Pick<ManifestSettings, 'formats'>,
): Promise<Problem[]> {
  const ids = assets.map(({ file: { sourceId } }) => sourceId);
  const unknown = Object.keys(formats).filter((sourceId) => !ids.includes(sourceId));
  return await Promise.all(
    unknown.map(async (sourceId) => {
      const meant = nearMiss(sourceId, ids);
      const problem = {
        file,
        rule: 'format_refused',
        pointer: '/assets',
        message: `tidemark.yaml declares a format for ${sourceId}, which is no source of this manifest.`,
        expected: `one of ${ids.join(', ')}`,
        found: sourceId,
        ...(meant !== undefined && { suggestion: meant }),
      };
      return await placeProblem(problem, { bytesMax: limits.declarationBytesMax });
    }),
  );
}

function refusedWindow(
  window: RecordWindow,
  contract: Contract,
): Pick<Problem, 'pointer' | 'message' | 'expected'> | null {
  const reading = readWindow(window, contract);
  if (reading.kind === 'refused') {
    return {
      pointer: '/selection_window/cursor_field',
      message: reading.message,
      expected: 'an ordered property of the contract, and bounds that are values of it',
    };
  }
  const { field, startAt, endBefore } = window;
  if (startAt === null || endBefore === null) return null;
  if (compareBounds({ field, contract, a: startAt, b: endBefore }) <= 0) return null;
  return {
    pointer: '/selection_window/cursor_end',
    message: `The window ends before it begins: no record has ${field} from ${startAt} to ${endBefore}.`,
    expected: 'a cursor_end that is not before cursor_start',
  };
}
