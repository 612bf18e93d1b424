import { findObject } from '../catalog/objects.ts';
import { ERROR_CODES } from '../errors/codes.ts';
import type { Finding } from '../evidence/asset-result.ts';
import { nextCommand } from '../evidence/next-command.ts';
import { readSource } from '../landing/land-file.ts';
import { contradictions } from './conclude-landing.ts';
import type { DeclaredFile, Landing } from './landed-source.ts';
import type { RunContext } from './run-context.ts';
import type { RecalledBytes } from './run-purpose.ts';

/**
 * Takes stored bytes in a source's place: the source itself is not contacted. Their sum is taken again, since what was
 * altered in the store must not come back as if it had been received.
 */
export async function recallSource(
  run: Pick<RunContext, 'engine' | 'manifest' | 'batchId'>,
  declared: DeclaredFile,
  recalled: RecalledBytes,
): Promise<Landing> {
  const { engine } = run;
  const sha256 = recalled.get(declared.role);
  if (sha256 === undefined)
    return lost(run, declared, { rule: 'raw_object_unknown', received: 'nothing stored' });
  const object = await findObject(engine.catalog, sha256);
  if (object === null) return lost(run, declared, { rule: 'raw_object_unknown', received: sha256 });
  const { chunkBytes } = engine.limits;
  const source = engine.home.objectPath(object.zone, sha256);
  const reading = await readSource({ source, copyTo: null, chunkBytes, signal: engine.signal });
  if (reading.kind !== 'read')
    return lost(run, declared, { rule: 'raw_object_missing', received: `${object.zone}/${sha256}` });
  const { bytes } = reading;
  if (bytes.sha256 !== sha256)
    return lost(run, declared, { rule: 'raw_object_altered', received: `SHA-256 ${bytes.sha256}` });
  const landed = {
    kind: 'landed' as const,
    declared,
    sha256,
    sizeBytes: bytes.sizeBytes,
    mediaType: object.mediaType,
    copy: null,
  };
  const findings = contradictions(declared, bytes);
  return findings.length === 0 ? landed : { kind: 'mismatch', landed, findings };
}

function lost(
  run: Pick<RunContext, 'manifest' | 'batchId'>,
  declared: DeclaredFile,
  { rule, received }: Pick<Finding, 'rule' | 'received'>,
): Landing {
  const finding = {
    rule,
    message: `${ERROR_CODES.object_corrupt} The stored bytes of ${declared.sourceId} (${declared.role}) are not there as they were received: ${received}.`,
    expected: 'the raw object as it was received',
    received,
  };
  const next = nextCommand('rerun', '--manifest', run.manifest.manifest_id, '--batch-id', run.batchId);
  return { kind: 'unavailable', finding, next };
}
