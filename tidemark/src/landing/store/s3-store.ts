import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ERROR_CODES } from '../../errors/codes.ts';
import { ConfigurationError } from '../../errors/tidemark-error.ts';
import { type S3Location, s3Uri } from '../../model/s3-location.ts';
import { listPages } from '../../s3/list-pages.ts';
import { type ClientBounds, openClient } from '../../s3/open-client.ts';
import { openObject } from '../../s3/open-object.ts';
import { isLost, isMissing, statusOf } from '../../s3/s3-failure.ts';
import { makeFolder, storeError } from '../durable-files.ts';
import { AtMost } from './at-most.ts';
import type { ObjectStore, PutOptions, StoredObject } from './object-store.ts';
import { s3Error } from './s3-errors.ts';
import { holdsBytes, holdsFile } from './same-content.ts';

/** Bounds of one store. */
export interface S3Bounds extends ClientBounds {
  /** Files above it are sent in parts of that size, or larger ones where they would be too many. */
  readonly partBytes: number;
  readonly partsAtOnce: number;
}

const MIB = 1024 * 1024;

export const S3_BOUNDS: S3Bounds = {
  attemptsMax: 5,
  connectMs: 5_000,
  idleMs: 30_000,
  requestsAtOnceMax: 16,
  partBytes: 16 * MIB,
  partsAtOnce: 4,
};

/** What S3 takes of one upload. */
const PARTS_MAX = 10_000;

/**
 * S3, or what speaks like it. Requests are attempted anew by the SDK, with its checksums on what goes and comes. Beyond it
 * stand the two things that it cannot know: a put whose answer was lost looks, attempted anew, like a name that another
 * took, so contents decide; and a body that ends early goes on from where it broke.
 */
export function s3Store(at: S3Location, bounds: S3Bounds = S3_BOUNDS): ObjectStore {
  const location = s3Uri(at);
  const { bucket: Bucket } = at;
  const s3 = openClient(at, bounds);
  const slots = new AtMost(bounds.requestsAtOnceMax);
  const root = at.prefix === '' ? '' : `${at.prefix}/`;
  const named = (key: string) => ({ Bucket, Key: `${root}${key}` });
  const call = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await slots.run(work);
    } catch (error) {
      throw s3Error(error, { doing, location });
    }
  };
  const condition = ({ ifAbsent = false }: PutOptions = {}) => (ifAbsent ? { IfNoneMatch: '*' } : {});

  const store: ObjectStore = {
    location,
    probe: async () => await probe(store),
    put: async (key, bytes, options) =>
      await call(`write ${key}`, async () => {
        try {
          await s3.putObject({ ...named(key), Body: bytes, ...condition(options) });
          return 'stored';
        } catch (error) {
          if (!isLost(error)) throw error;
          return (await holdsBytes(unslotted, { key, bytes })) ? 'stored' : 'taken';
        }
      }),
    putFile: async (key, path, options) => {
      const { size } = await stat(path);
      if (size <= bounds.partBytes) {
        const put = await store.put(key, await readFile(path), options);
        await rm(path, { force: true });
        return put;
      }
      return await call(`write ${key}`, async () => {
        // A server may take no notice of the condition where parts are put together, as Ceph 16 does not: it is looked first.
        if (options?.ifAbsent === true && (await unslotted.head(key)) !== null) {
          const outcome = (await holdsFile(unslotted, { key, path })) ? 'stored' : 'taken';
          await rm(path, { force: true });
          return outcome;
        }
        const partSize = Math.max(bounds.partBytes, Math.ceil(size / PARTS_MAX));
        const put = async () => {
          const upload = new Upload({
            client: s3,
            params: {
              ...named(key),
              Body: createReadStream(path),
              ContentLength: size,
              ...condition(options),
            },
            partSize,
            queueSize: bounds.partsAtOnce,
          });
          await upload.done();
        };
        const outcome = await put().then(
          () => 'stored' as const,
          async (error) => {
            // The completion of an upload that was completed answers that there is no such upload.
            if (await holdsFile(unslotted, { key, path })) return 'stored' as const;
            if (isLost(error)) return 'taken' as const;
            throw error;
          },
        );
        await rm(path, { force: true });
        return outcome;
      });
    },
    get: async (key, range) => await call(`read ${key}`, async () => await unslotted.get(key, range)),
    getToFile: async (key, path) =>
      await call(`read ${key}`, async () => {
        const draft = `${path}.${randomUUID()}.part`;
        try {
          await makeFolder(dirname(path));
          if (!(await copyTo(key, draft))) return false;
          await rename(draft, path);
          return true;
        } catch (error) {
          throw storeError(error, path);
        } finally {
          await rm(draft, { force: true });
        }
      }),
    head: async (key) => await call(`look at ${key}`, async () => await unslotted.head(key)),
    list: (prefix) => pages(prefix),
    names: (prefix) => namesBelow(prefix),
    remove: async (key) => {
      await call(`remove ${key}`, async () => await s3.deleteObject(named(key)));
    },
    close: () => s3.destroy(),
  };

  /** For calls that have their slot already. */
  const unslotted: Pick<ObjectStore, 'get' | 'head'> = {
    get: async (key, range) => {
      const pieces: Uint8Array[] = [];
      const found = await pass(key, {
        range: range ?? null,
        take: async (piece) => {
          pieces.push(piece);
        },
      });
      return found ? Buffer.concat(pieces) : null;
    },
    head: async (key) => {
      try {
        const { ContentLength } = await s3.headObject(named(key));
        return { sizeBytes: ContentLength ?? 0 };
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
  };

  async function copyTo(key: string, draft: string): Promise<boolean> {
    await using file = await open(draft, 'w');
    const found = await pass(key, { range: null, take: async (piece) => await file.writeFile(piece) });
    await file.sync();
    return found;
  }

  /** Passes the bytes of an object on, each once, of one version. False where there is nothing. */
  async function pass(
    key: string,
    {
      range,
      take,
    }: { range: { offset: number; length: number } | null; take(piece: Uint8Array): Promise<void> },
  ): Promise<boolean> {
    if (range?.length === 0) return (await unslotted.head(key)) !== null;
    let attempt = 1;
    const goOn = (error: unknown) => {
      if (statusOf(error) !== undefined || attempt >= bounds.attemptsMax) throw error;
      attempt += 1;
    };
    const open = async () => {
      for (;;) {
        try {
          return await openObject(s3, { bucket: Bucket, key: `${root}${key}`, range, onBroken: goOn });
        } catch (error) {
          goOn(error);
        }
      }
    };
    let passed = 0;
    try {
      for await (const piece of (await open()).pieces()) {
        await take(piece);
        passed += piece.length;
      }
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      // Past the end there is nothing.
      if (statusOf(error) === 416 && passed === 0) return true;
      throw error;
    }
  }

  function answers(prefix: string, delimiter?: string): AsyncGenerator<ListObjectsV2CommandOutput> {
    const wanted = {
      bucket: Bucket,
      prefix: `${root}${prefix}`,
      ...(delimiter !== undefined && { delimiter }),
    };
    return listPages(s3, wanted, async (page) => await call(`list ${prefix}`, page));
  }

  async function* pages(prefix: string): AsyncGenerator<StoredObject[]> {
    for await (const { Contents = [] } of answers(prefix)) {
      const page = Contents.map((found) => ({
        key: (found.Key ?? '').slice(root.length),
        sizeBytes: found.Size ?? 0,
        modifiedAt: found.LastModified ?? new Date(0),
      }));
      if (page.length > 0) yield page;
    }
  }

  async function* namesBelow(prefix: string): AsyncGenerator<string[]> {
    const cut = root.length + prefix.lastIndexOf('/') + 1;
    for await (const { Contents = [], CommonPrefixes = [] } of answers(prefix, '/')) {
      const names = [
        ...Contents.map(({ Key = '' }) => Key.slice(cut)),
        ...CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(cut, -1)),
      ];
      if (names.length > 0) yield names;
    }
  }

  return store;
}

/** Puts one thing over another and expects to be refused: some servers take no notice of the condition. */
async function probe(store: ObjectStore): Promise<void> {
  const key = `probe/${randomUUID()}`;
  const [one, other] = ['one', 'other'].map((text) => Buffer.from(text)) as [Buffer, Buffer];
  try {
    const first = await store.put(key, one, { ifAbsent: true });
    const second = await store.put(key, other, { ifAbsent: true });
    if (first === 'stored' && second === 'taken') return;
  } finally {
    await store.remove(key).catch(() => undefined);
  }
  throw new ConfigurationError({
    code: ERROR_CODES.store_unconditional,
    message: `${store.location} takes no notice of If-None-Match: it puts one object over another.`,
    next: 'Name a store that creates conditionally below `store:` in tidemark.yaml, then: tidemark doctor',
  });
}
