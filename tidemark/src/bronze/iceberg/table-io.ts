/**
 * Where metadata files, manifest lists and manifests stand. URIs are used exactly as given.
 *
 * `write` resolves when the bytes are durable under a name that no reader saw half-written (file and parent folder
 * fsynced, or the object store's acknowledgement). It is called once for each URI: every name holds a fresh UUID.
 */
export interface TableIo extends TableReader {
  write(uri: string, bytes: Uint8Array): Promise<void>;
}

export interface TableReader {
  read(uri: string): Promise<Uint8Array>;
}
