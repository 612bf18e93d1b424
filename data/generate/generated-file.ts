import { createHash } from 'node:crypto';

/** One file of the sample world, made in memory; `main.ts` writes or compares it. */
export interface GeneratedFile {
  /** Relative to the repository root, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export function textFile(path: string, text: string): GeneratedFile {
  return { path, bytes: Buffer.from(text) };
}

export function jsonFile(path: string, value: unknown): GeneratedFile {
  return textFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** 64 lower hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The twelve hex digits of an asset's id: they come from its lasting name, so that a revision keeps them. */
export function twelveHex(name: string): string {
  return sha256(name).slice(0, 12);
}
