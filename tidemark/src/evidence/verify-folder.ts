import { join } from 'node:path';
import { throwIfAway } from '../landing/store/away.ts';
import { namesIn } from '../landing/store/stored-files.ts';
import type { SealedEntry } from './chain.ts';
import type { EvidenceFinding } from './evidence-finding.ts';
import { nextCommand } from './next-command.ts';
import { removeWhole } from './remove-command.ts';
import { sealedFiles } from './sealed-files.ts';
import { sumOfFile } from './write-evidence.ts';

export interface FolderVerification {
  /** Files whose sum was taken. */
  readonly files: number;
  readonly findings: readonly EvidenceFinding[];
}

/**
 * Holds the evidence folder of a run against what its entries list. A run that listed nothing (it died, or stopped
 * before its proof) claimed no folder: what lies there is only looked at where an entry's own text bears the name.
 */
export async function verifyFolder(options: {
  evidenceDir: string;
  runId: string;
  entries: readonly SealedEntry[];
}): Promise<FolderVerification> {
  const { evidenceDir, runId, entries } = options;
  const folder = join(evidenceDir, runId);
  const sealed = sealedFiles(entries);
  const claimed = sealed.size > entries.length;
  const present = new Set(await namesIn(folder));
  const findings: EvidenceFinding[] = [];
  const rebuild = nextCommand('evidence', 'rebuild', runId);
  let files = 0;
  for (const [name, expected] of sealed) {
    const subject = join('evidence', runId, name);
    if (!present.has(name)) {
      if (!claimed) continue;
      const message = `${subject} is missing.`;
      findings.push({
        kind: 'file_missing',
        subject,
        message,
        expected: `SHA-256 ${expected}`,
        found: 'no file',
        next: rebuild,
      });
      continue;
    }
    files += 1;
    const found = await sumOf(join(folder, name));
    if (found.sum === expected) continue;
    const kind = found.sum === null ? 'file_unreadable' : 'file_altered';
    const message = found.sum === null ? `${subject} cannot be read.` : `${subject} is not what was sealed.`;
    findings.push({
      kind,
      subject,
      message,
      expected: `SHA-256 ${expected}`,
      found: found.text,
      next: rebuild,
    });
  }
  for (const name of claimed ? [...present].filter((entry) => !sealed.has(entry)).sort() : []) {
    const subject = join('evidence', runId, name);
    findings.push({
      kind: 'file_not_sealed',
      subject,
      message: `${subject} was put there by something else, or by a write that was cut off.`,
      expected: 'only what was sealed',
      found: name,
      next: `Look at it, then: ${removeWhole(join(folder, name))}`,
    });
  }
  return { files, findings };
}

async function sumOf(path: string): Promise<{ sum: string | null; text: string }> {
  try {
    const sum = await sumOfFile(path);
    return { sum, text: `SHA-256 ${sum}` };
  } catch (error) {
    throwIfAway(error);
    return { sum: null, text: (error as Error).message };
  }
}
