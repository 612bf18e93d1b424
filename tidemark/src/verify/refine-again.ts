import type { PreparedUnit } from '../bronze/prepared-unit.ts';
import { findObject } from '../catalog/objects.ts';
import type { RunRow } from '../catalog/runs.ts';
import { buildContract } from '../contract/build-contract.ts';
import type { Contract } from '../contract/contract.ts';
import { parseDocument } from '../contract/read-document.ts';
import { judgeAssets } from '../gate/judge-assets.ts';
import { makeFolder } from '../landing/durable-files.ts';
import type { SourceManifest } from '../manifest/source-manifest.ts';
import { type Decoding, PLAIN } from '../refine/formats/decoding.ts';
import type { RefinedUnit } from '../refine/refined.ts';
import { declareAssets, windowKey } from '../run/declared-asset.ts';
import type { DeclaredFile, LandedSource } from '../run/landed-source.ts';
import { refineUnit } from '../run/refine-unit.ts';
import type { Verification } from './verification.ts';

export type RefinedAgain =
  | { readonly kind: 'refined'; readonly contract: Contract; readonly refined: RefinedUnit }
  | { readonly kind: 'impossible'; readonly why: string };

/**
 * Refines a unit from its raw bytes as it was refined by the run that prepared it: by the manifest, the contract and the
 * start of that run, whatever they are by now.
 */
export async function refineAgain(
  verification: Verification,
  { unit, run, scratchDir }: { unit: PreparedUnit; run: RunRow; scratchDir: string },
): Promise<RefinedAgain> {
  const { catalog, engine } = verification;
  const contract = await contractOf(verification, unit);
  if (typeof contract === 'string') return { kind: 'impossible', why: contract };
  const row = await catalog
    .selectFrom('manifests')
    .select('body')
    .where('manifest_id', '=', run.manifestId)
    .where('content_hash', '=', run.manifestHash)
    .executeTakeFirst();
  if (row === undefined) return { kind: 'impossible', why: 'the catalog has lost its manifest' };
  const manifest = JSON.parse(row.body) as SourceManifest;
  const admissions = judgeAssets({ manifest, contractAvailable: () => true });
  const contracts = { ...engine.contracts, get: () => ({ kind: 'contract' as const, contract, notes: [] }) };
  const declared = declareAssets({ manifest, admissions, contracts, settings: {} }).find(
    ({ file }) => file.sourceId === unit.sourceId,
  );
  if (declared === undefined) return { kind: 'impossible', why: 'its manifest does not declare it' };
  const decoding = (unit.observed.decoding as Decoding | undefined) ?? PLAIN;
  const window = unit.recordWindow === undefined ? declared.window : unit.recordWindow;
  const asset = await landedOf(verification, { declared: declared.file, sha256: unit.sourceFingerprint });
  const sidecars: (LandedSource | null)[] = [];
  for (const sidecar of declared.sidecars) {
    const sha256 = await sidecarSum(verification, { runId: unit.preparedBy, sidecar });
    sidecars.push(sha256 === null ? null : await landedOf(verification, { declared: sidecar, sha256 }));
  }
  if (asset === null || sidecars.includes(null))
    return { kind: 'impossible', why: 'its raw bytes are not whole' };
  await makeFolder(scratchDir);
  const refining = await refineUnit(
    { engine, manifest, batchId: run.batchId, startedAt: run.startedAt },
    {
      declared: { ...declared, contract, window, windowKey: windowKey(window), decoding },
      contract,
      bytes: { asset, sidecars: sidecars.filter((sidecar) => sidecar !== null) },
      scratchDir,
    },
  );
  if (refining.kind === 'refined') return { kind: 'refined', contract, refined: refining.refined };
  return {
    kind: 'impossible',
    why: `its bytes are found to contradict its declaration (${refining.findings[0]?.message})`,
  };
}

/** The contract on the shelf where it is the same; else as the catalog recorded it. A string: why there is none. */
export async function contractOf(
  { engine, catalog }: Verification,
  { contractRef: ref, contractHash }: PreparedUnit,
): Promise<Contract | string> {
  const shelved = engine.contracts.get(ref);
  if (shelved.kind === 'contract' && shelved.contract.hash === contractHash) return shelved.contract;
  const row = await catalog
    .selectFrom('contracts')
    .select('body')
    .where('hash', '=', contractHash)
    .executeTakeFirst();
  if (row === undefined) return 'the catalog has lost its contract';
  const reading = parseDocument(new TextEncoder().encode(row.body));
  if (reading.kind === 'unreadable') return `its contract ${reading.reason}`;
  const built = buildContract({
    ref,
    path: 'the catalog',
    document: reading.document,
    limits: engine.limits,
  });
  return built.kind === 'contract' ? built.contract : built.reason;
}

/** Stored bytes in place of landed ones; null where they are not there, or are known to be damaged. */
async function landedOf(
  { catalog, ledger }: Verification,
  { declared, sha256 }: { declared: DeclaredFile; sha256: string },
): Promise<LandedSource | null> {
  if (ledger.has("SELECT 1 FROM damaged WHERE unit_key = ? AND table_name = 'object'", sha256)) return null;
  const object = await findObject(catalog, sha256);
  if (object === null) return null;
  const { sizeBytes, mediaType, zone } = object;
  return { kind: 'landed', declared, sha256, sizeBytes, mediaType, copy: null, zone };
}

async function sidecarSum(
  { catalog }: Verification,
  { runId, sidecar }: { runId: string; sidecar: DeclaredFile },
): Promise<string | null> {
  const row = await catalog
    .selectFrom('receipts')
    .select('sha256')
    .where('run_id', '=', runId)
    .where('source_id', '=', sidecar.sourceId)
    .where('role', '=', sidecar.role)
    .executeTakeFirst();
  return row?.sha256 ?? null;
}
