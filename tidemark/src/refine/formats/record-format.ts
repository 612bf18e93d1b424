import type { Contract } from '../../contract/contract.ts';
import { sniffJson } from '../../landing/sniff-json.ts';
import type { DeclaredFormat } from '../../model/declared-format.ts';
import { sniffDialect } from './csv/sniff-dialect.ts';
import type { Contradiction, RecordFormat } from './decoding.ts';

/**
 * How records stand in a decoded stream: as declared, else by its name, whose word is good only where the bytes do not
 * begin as lines of JSON, whatever the file is called.
 */
export function recordFormatOf({
  name,
  head,
  isCut,
  declared,
  contract,
}: {
  /** Without the ending of a compression. */
  name: string;
  head: Buffer;
  isCut: boolean;
  declared: DeclaredFormat | null;
  contract: Contract;
}): RecordFormat | Contradiction {
  const format = declared?.format ?? formatOfName(name);
  if (format === 'jsonl') return { format };
  if (declared?.format === undefined && isJsonLines(head)) return { format: 'jsonl' };
  return sniffDialect({ head, isCut, declared: { ...declared, format }, contract });
}

function formatOfName(name: string): 'jsonl' | 'csv' | 'tsv' {
  const ending = /\.([a-z]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === 'csv') return 'csv';
  return ending === 'tsv' || ending === 'tab' ? 'tsv' : 'jsonl';
}

function isJsonLines(head: Buffer): boolean {
  return sniffJson({ text: head.toString('latin1'), ending: '' }) === 'application/x-ndjson';
}
