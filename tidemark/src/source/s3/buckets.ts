import type { S3 } from '@aws-sdk/client-s3';
import { type BucketSettings, resolveBucket } from '../../config/bucket-settings.ts';
import { ERROR_CODES } from '../../errors/codes.ts';
import type { Limits } from '../../model/limits.ts';
import { type S3Location, s3Uri } from '../../model/s3-location.ts';
import type { Unreachable } from '../unreachable.ts';
import type { ObjectLocation } from './object-location.ts';

/** For a connection. */
const CONNECT_MS = 5_000;

export interface OpenBucket {
  readonly kind: 'open';
  readonly s3: S3;
  /** The name of its connection. */
  readonly connection: string;
  readonly at: S3Location;
}

/**
 * The places in S3 that the project opens to manifests, each with one client for as long as the process reads from it. What
 * no connection covers is not asked for: whoever writes a manifest could have anything read that the keys of this machine
 * can reach.
 */
export class Buckets {
  readonly #settings: Readonly<Record<string, BucketSettings>>;
  readonly #root: string;
  readonly #limits: Pick<Limits, 'sourceAttemptsMax' | 'httpIdleMs' | 'landingsAtOnceMax'>;
  readonly #open = new Map<string, Promise<OpenBucket | Unreachable>>();

  constructor({
    buckets,
    root,
    limits,
  }: {
    buckets: Readonly<Record<string, BucketSettings>>;
    root: string;
    limits: Pick<Limits, 'sourceAttemptsMax' | 'httpIdleMs' | 'landingsAtOnceMax'>;
  }) {
    this.#settings = buckets;
    this.#root = root;
    this.#limits = limits;
  }

  /** The connection of a location: of those that cover it, the one that says most. */
  async of(location: ObjectLocation): Promise<OpenBucket | Unreachable> {
    const place = location.kind === 'object' ? location.key : location.base;
    const [covering] = Object.entries(this.#settings)
      .filter(([, { bucket, prefix }]) => bucket === location.bucket && covers(prefix, place))
      .sort(([, a], [, b]) => b.prefix.length - a.prefix.length);
    if (covering !== undefined) return await this.named(covering[0]);
    const known = Object.values(this.#settings).map(s3Uri).join(', ') || 'no place in S3';
    return unknown(
      `No connection of tidemark.yaml covers s3://${location.bucket}/${place}; they cover ${known}.`,
      `Declare connections.<name> with url: s3://${location.bucket} in tidemark.yaml, or mend the manifest; then run again.`,
    );
  }

  /** References are put in here; what they stand for stays in memory. */
  async named(connection: string): Promise<OpenBucket | Unreachable> {
    const known = this.#open.get(connection);
    if (known !== undefined) return await known;
    const opening = this.#opened(connection);
    this.#open.set(connection, opening);
    const bucket = await opening;
    // What is not set now may be set the next time.
    if (bucket.kind === 'unreachable') this.#open.delete(connection);
    return bucket;
  }

  async #opened(connection: string): Promise<OpenBucket | Unreachable> {
    const settings = this.#settings[connection]!; // By whoever found it there.
    const at = resolveBucket(settings, { root: this.#root });
    if ('reason' in at)
      return unknown(
        `connections.${connection}${at.field === null ? '' : `.${at.field}`} cannot be used: ${at.reason}.`,
        'Set what the message names, then run the same command again.',
      );
    // Who reads nothing from S3 does not load its SDK.
    const { openClient } = await import('../../s3/open-client.ts');
    const s3 = openClient(at, {
      attemptsMax: this.#limits.sourceAttemptsMax,
      connectMs: CONNECT_MS,
      idleMs: this.#limits.httpIdleMs,
      requestsAtOnceMax: this.#limits.landingsAtOnceMax,
    });
    return { kind: 'open', s3, connection, at };
  }

  async close(): Promise<void> {
    for (const opening of this.#open.values()) {
      const bucket = await opening;
      if (bucket.kind === 'open') bucket.s3.destroy();
    }
    this.#open.clear();
  }
}

function covers(prefix: string, place: string): boolean {
  return prefix === '' || place === prefix || place.startsWith(`${prefix}/`);
}

function unknown(message: string, next: string): Unreachable {
  return { kind: 'unreachable', cause: 'unreadable', code: ERROR_CODES.bucket_unknown, message, next };
}
