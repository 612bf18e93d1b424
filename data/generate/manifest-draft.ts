import type { SourceManifest } from '../../tidemark/src/manifest/source-manifest.ts';
import { type GeneratedFile, sha256 } from './generated-file.ts';

/** Size and checksum as they are in the file. */
export type Measure = (path: string) => { readonly size_bytes: number; readonly checksum_sha256: string };

export interface ManifestDraft {
  /** File name under `data/seed_manifests`; they are read in the order of their names. */
  readonly name: string;
  readonly manifest: SourceManifest;
}

export function measureFiles(files: readonly GeneratedFile[]): Measure {
  const byPath = new Map(files.map((file) => [file.path, file.bytes]));
  return (path) => {
    const bytes = byPath.get(path);
    if (bytes === undefined) throw new Error(`${path} is declared but not generated`);
    return { size_bytes: bytes.length, checksum_sha256: sha256(bytes) };
  };
}
