import { rm } from 'node:fs/promises';
import type { Contract } from '../contract/contract.ts';
import type { Finding } from '../evidence/asset-result.ts';
import { holdCopies } from '../landing/store/copies.ts';
import { refineAsset } from '../refine/asset/refine-asset.ts';
import { PLAIN } from '../refine/formats/decoding.ts';
import { openRecords } from '../refine/formats/open-records.ts';
import { refineRecords } from '../refine/refine-records.ts';
import type { RefinedUnit, RefineInput } from '../refine/refined.ts';
import { isSingerLocation } from '../source/singer/singer-location.ts';
import { sorts } from '../source/sorts.ts';
import type { DeclaredAsset } from './declared-asset.ts';
import { formatFinding } from './format-findings.ts';
import type { LandedSource } from './landed-source.ts';
import type { AdmittedBytes, RunContext } from './run-context.ts';

export type Refining =
  | { readonly kind: 'refined'; readonly refined: RefinedUnit; readonly observed: Record<string, unknown> }
  | { readonly kind: 'mismatch'; readonly findings: readonly Finding[] };

/** Refines one asset from its raw bytes: many records, or one row for the whole asset. The source is not touched. */
export async function refineUnit(
  run: Pick<RunContext, 'engine' | 'manifest' | 'batchId' | 'startedAt'>,
  request: {
    declared: DeclaredAsset;
    contract: Contract;
    bytes: AdmittedBytes;
    scratchDir: string;
    onStretch?: RefineInput['onStretch'];
  },
): Promise<Refining> {
  const { engine, manifest } = run;
  const { declared, contract, bytes, scratchDir } = request;
  const pathOf = ({ zone = 'raw', sha256 }: LandedSource) => engine.home.objectPath(zone, sha256);
  const { limits, signal } = engine;
  await using _held = await holdCopies([bytes.asset, ...bytes.sidecars].map(pathOf));
  if (declared.form === 'records') return await refineStream(run, { ...request, path: pathOf(bytes.asset) });
  const outcome = await refineAsset({
    path: pathOf(bytes.asset),
    sizeBytes: bytes.asset.sizeBytes,
    mediaType: bytes.asset.mediaType,
    sourceFingerprint: bytes.asset.sha256,
    manifest,
    asset: declared.admission.asset,
    judgement: declared.admission.judgement === 'warn' ? 'warn' : 'accept',
    batchId: run.batchId,
    ingestTs: run.startedAt,
    sidecars: bytes.sidecars.map((sidecar) => ({
      role: sidecar.declared.role,
      path: pathOf(sidecar),
      sizeBytes: sidecar.sizeBytes,
      sha256: sidecar.sha256,
      declaredPath: sidecar.declared.declaredPath,
      mediaType: sidecar.mediaType,
    })),
    contract,
    scratchDir,
    limits,
    signal,
  });
  if (outcome.kind === 'mismatch') {
    const findings = outcome.mismatches.map(({ rule, subject, expected, received }) => ({
      rule,
      message: `${subject}: expected ${expected}, received ${received}`,
      expected,
      received,
    }));
    return { kind: 'mismatch', findings };
  }
  return {
    kind: 'refined',
    refined: outcome.unit,
    observed: { ...outcome.observation, derivedId: outcome.derivedId },
  };
}

/** Many records: decoded first where they are compressed; scratch holds the decoded stream only while it is refined. */
async function refineStream(
  { engine }: Pick<RunContext, 'engine'>,
  {
    declared,
    contract,
    bytes,
    scratchDir,
    path,
    onStretch,
  }: {
    declared: DeclaredAsset;
    contract: Contract;
    bytes: AdmittedBytes;
    scratchDir: string;
    path: string;
    onStretch?: RefineInput['onStretch'];
  },
): Promise<Refining> {
  const { limits, signal } = engine;
  const { declaredPath, sourceId } = declared.file;
  const opened = await openRecords({
    path,
    name: declaredPath,
    declared: declared.format,
    // Rows of tables, streams and APIs are landed as lines of JSON, whatever their location reads like.
    recorded: isRows(declaredPath) ? PLAIN : declared.decoding,
    contract,
    scratchDir,
    limits,
    signal,
  });
  if (opened.kind !== 'readable')
    return { kind: 'mismatch', findings: [formatFinding(declaredPath, opened)] };
  const { sizeBytes, decoding } = opened;
  const refined = await refineRecords({
    path: opened.path,
    records: decoding.records,
    encoding: decoding.encoding,
    contract,
    window: declared.window,
    scratchDir,
    limits,
    signal,
    ...(onStretch && { onStretch }),
    onProgress: (read, records) =>
      engine.onEvent({
        kind: 'asset_progress',
        sourceId,
        stage: 'refining',
        bytes: read,
        totalBytes: sizeBytes,
        records,
      }),
  });
  const { mediaType } = bytes.asset;
  if (opened.path !== path) await rm(opened.path);
  const isPlain = opened.path === path && decoding.records.format === 'jsonl';
  const decoded = isPlain ? {} : { decodedBytes: sizeBytes, decoding };
  return { kind: 'refined', refined, observed: { mediaType, ...decoded } };
}

function isRows(location: string): boolean {
  return sorts(location) || isSingerLocation(location);
}
