/**
 * Where durable files stand. One port, two adapters: a folder of this machine and S3; `object-store.conformance.ts` is
 * what both keep.
 *
 * 1. What resolved is durable, and is there whole or not at all, whoever reads.
 * 2. Keys are relative, with `/`; a key names one thing from its making to its removal, except where `put` says otherwise.
 * 3. Nothing waits for ever: every call ends with an answer, or with an error that says what to do.
 * 4. A call that may have succeeded is never taken for failed: what stands there is compared with what was sent.
 */
export interface ObjectStore {
  /** How tables name it, such as `s3://bucket/prefix`; no slash at its end. */
  readonly location: string;
  /** @throws ConfigurationError store_unconditional for a store that would put one thing over another all the same */
  probe(): Promise<void>;
  put(key: string, bytes: Uint8Array, options?: PutOptions): Promise<Put>;
  /** The same for a finished file of any size, in flat memory. The file is handed over: it may be moved. */
  putFile(key: string, path: string, options?: PutOptions): Promise<Put>;
  /** Null where there is nothing. A range past the end brings what there is. */
  get(key: string, range?: ByteRange): Promise<Uint8Array | null>;
  /** Whole under its name, or not there. False where there is nothing. */
  getToFile(key: string, path: string): Promise<boolean>;
  head(key: string): Promise<{ readonly sizeBytes: number } | null>;
  /** Keys that begin with a prefix, in no order, a page at a time. */
  list(prefix: string): AsyncIterable<readonly StoredObject[]>;
  /** The next part of every key that begins with a prefix, each once: names in a folder, where the prefix is one. */
  names(prefix: string): AsyncIterable<readonly string[]>;
  /** What is gone already is no error. */
  remove(key: string): Promise<void>;
  close(): void;
}

export interface PutOptions {
  /** Nothing is put over what is there. Default: false. */
  readonly ifAbsent?: boolean;
}

/** `taken`: the name stands for other bytes, and still does. The same bytes are `stored`, whoever put them. */
export type Put = 'stored' | 'taken';

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}
