import type { SealedEntry } from './chain.ts';
import { type EvidenceFiles, sumOfText } from './write-evidence.ts';

/**
 * What the sealed entries of one run say its folder holds: SHA-256 by file name. The entries' own texts are files too
 * (`run.json`, `reconciliation.json`). A body that is not the JSON it was sealed as lists nothing: its hash tells.
 */
export function sealedFiles(entries: readonly SealedEntry[]): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const entry of entries) {
    for (const [name, sum] of Object.entries(listedIn(entry.body))) sums.set(name, String(sum));
    sums.set(`${entry.kind}.json`, sumOfText(entry.body));
  }
  return sums;
}

function listedIn(body: string): EvidenceFiles {
  try {
    return (JSON.parse(body) as { files?: EvidenceFiles }).files ?? {};
  } catch {
    return {};
  }
}
