import { committedState } from '../catalog/objects.ts';
import type { Passed } from '../landing/pass-bytes.ts';
import type { FailedAttempt } from '../landing/read-patiently.ts';
import type { HttpValidators } from '../source/http/validators.ts';
import type { FixedInterval, RowInterval } from '../source/row-source.ts';
import type { ListedObject } from '../source/s3/object-part.ts';
import type { Survey } from '../source/survey-source.ts';
import type { Unreachable } from '../source/unreachable.ts';
import type { Engine } from './engine.ts';
import { readApi } from './read-api.ts';
import { readModule } from './read-module.ts';
import { readObject } from './read-object.ts';
import { readRelation } from './read-relation.ts';
import { readTap } from './read-tap.ts';
import { readUrl } from './read-url.ts';

/** A source that is no file: a server or a program gives its bytes. */
export type Remote = Extract<Survey, { kind: 'url' | 'object' | 'api' | 'relation' | 'tap' | 'module' }>;

export interface RemoteRequest {
  readonly survey: Remote;
  readonly declared: {
    readonly sourceId: string;
    readonly declaredPath: string;
    readonly sizeBytes: number | null;
    readonly manifestId?: string;
    readonly cursorField?: string | null;
    readonly interval?: RowInterval | null;
    readonly listed?: ListedObject;
  };
  /** Of a URL or an object: what is stored of it, by its server's word; null to have it sent. */
  readonly known: HttpValidators | null;
  /** Whether a source that keeps a state is read from there on, and not from its beginning. */
  readonly goesOn: boolean;
  /** Whether what comes says where the next reading goes on. */
  readonly movesProgress: boolean;
  readonly copyTo: string | null;
  readonly signal: AbortSignal;
  onBytes(read: { bytes: number; totalBytes: number }): void;
  onFailedAttempt(failed: FailedAttempt): void;
}

export type RemoteRead =
  | Unreachable
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'read';
      readonly bytes: Passed;
      readonly interval?: FixedInterval | null;
      readonly validators?: HttpValidators | null;
      readonly stateAfter?: string | null;
    };

export async function receiveRemote(engine: Engine, request: RemoteRequest): Promise<RemoteRead> {
  const { survey, declared } = request;
  switch (survey.kind) {
    case 'url':
      return await readUrl(engine, { ...request, url: survey.url, declaredBytes: declared.sizeBytes });
    case 'object':
      return await readObject(engine, {
        ...request,
        object: survey.object,
        listed: declared.listed ?? null,
      });
    case 'api':
      return await readApi(engine, {
        ...request,
        name: survey.name,
        wanted: declared.interval ?? null,
        onBytes: counted(request),
      });
    case 'relation':
      return await readRelation(engine, {
        ...request,
        location: survey.relation,
        wanted: declared.interval ?? null,
        onBytes: counted(request),
      });
    case 'module':
      return await readModule(engine, {
        ...request,
        location: survey.module,
        wanted: declared.interval ?? null,
        onBytes: counted(request),
      });
    case 'tap':
      return await receiveTap(engine, { ...request, survey });
  }
}

async function receiveTap(
  engine: Engine,
  request: RemoteRequest & { survey: Extract<Remote, { kind: 'tap' }> },
): Promise<RemoteRead> {
  const { survey, goesOn, movesProgress } = request;
  const { manifestId, sourceId, declaredPath, cursorField: key = null } = request.declared;
  const of = key === null || manifestId === undefined ? null : { manifestId, sourceId, declaredPath };
  const read = await readTap(engine, {
    ...request,
    tap: survey.tap,
    replication: key === null ? { kind: 'full' } : { kind: 'incremental', key },
    state: goesOn && of !== null ? await committedState(engine.catalog, of) : null,
    onBytes: counted(request),
  });
  return read.kind === 'read' && !(movesProgress && of !== null) ? { ...read, stateAfter: null } : read;
}

/** Of what nobody knows the end: all that came is all that there is so far. */
function counted({ onBytes }: RemoteRequest): (more: number) => void {
  let bytes = 0;
  return (more) => {
    bytes += more;
    onBytes({ bytes, totalBytes: bytes });
  };
}
