import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import type { ExactObject } from '../model/exact-number.ts';
import { isInside } from '../model/is-inside.ts';
import type { Limits } from '../model/limits.ts';
import { buildContract, type ContractSource } from './build-contract.ts';
import type { ContractReading } from './contract-reading.ts';
import { declaredTable } from './declared-traits.ts';
import { listJsonFiles } from './list-json-files.ts';
import { readDocument } from './read-document.ts';
import { memberOf } from './schema-document.ts';

export type { ContractReading, UnavailableContract, UsableContract } from './contract-reading.ts';

/** The contracts of a folder by `$id`; what cannot be used is there with its reason. */
export interface ContractShelf {
  readonly dir: string;
  /** Why the folder could not be read at all, or null. */
  readonly fault: string | null;
  get(ref: string): ContractReading;
  /** Every contract and every file that is none, in the order of file names. */
  all(): readonly ContractReading[];
}

/** Reads every `*.json` of a folder, whatever the file's name. Never throws for what is in the files. */
export async function loadContracts(input: {
  readonly dir: string;
  readonly limits: Limits;
  /** Hashes of contracts that were judged by before: nothing is compiled for them until a record is to be judged. */
  readonly judged?: ReadonlySet<string>;
  /** Of the project: a file of the folder may be a link to what is in it, and to nothing else. */
  readonly root?: string;
}): Promise<ContractShelf> {
  const { dir, limits } = input;
  const listing = await listJsonFiles(dir);
  if (listing.kind === 'unlisted') {
    return shelfOf({ dir, readings: [], fault: `the contracts folder ${listing.reason}` });
  }
  const files: ContractFile[] = [];
  const within = await Promise.all([dir, input.root ?? dir].map((folder) => realpath(folder)));
  for (const name of listing.names) {
    const path = join(dir, name);
    const leadsTo = await realpath(path).catch(() => path);
    const strays = leadsTo !== path && within.every((folder) => !isInside(folder, leadsTo));
    files.push(strays ? { path, ref: null, fault: STRAY } : await readContractFile({ path, limits }));
  }
  const byTable = Map.groupBy(files, (file) => (file.ref === null ? null : declaredTable(file.document)));
  const readings = [...Map.groupBy(files, (file) => file.ref ?? file)].map(([, sharing]) => {
    const [only, ...others] = sharing as [ContractFile, ...ContractFile[]];
    const table = only.ref === null ? null : declaredTable(only.document);
    const rival = table === null ? undefined : byTable.get(table)?.find(({ ref }) => ref !== only.ref);
    const read = () => {
      if (others.length > 0) return contested(sharing, `the same $id ${only.ref}`);
      if (rival !== undefined) return contested([only, rival], `the same table ${table}`);
      return readingOf(only, input);
    };
    return { ref: only.ref, read: once(read) };
  });
  return shelfOf({ dir, readings, fault: null });
}

type ContractFile =
  | { readonly path: string; readonly ref: string; readonly document: ExactObject }
  | { readonly path: string; readonly ref: null; readonly fault: string };

/** A reason repeats a little of what it found, so a link to anything else could have it shown. */
const STRAY = 'is a link that leads out of its folder and out of the project';

async function readContractFile(input: {
  readonly path: string;
  readonly limits: Limits;
}): Promise<ContractFile> {
  const { path, limits } = input;
  const reading = await readDocument({ path, bytesMax: limits.declarationBytesMax });
  if (reading.kind === 'unreadable') return { path, ref: null, fault: reading.reason };
  const id = memberOf(reading.document, '$id');
  if (typeof id !== 'string' || id === '') return { path, ref: null, fault: 'has no $id' };
  return { path, ref: id.replace(/#$/, ''), document: reading.document };
}

function readingOf(file: ContractFile, input: Pick<ContractSource, 'limits' | 'judged'>): ContractReading {
  if (file.ref === null) return { kind: 'unavailable', ref: null, reason: `${file.path} ${file.fault}` };
  return buildContract({ ...input, ...file });
}

function contested(files: readonly ContractFile[], what: string): ContractReading {
  const ref = files[0]?.ref ?? null;
  const paths = files.map((file) => file.path).join(' and ');
  return {
    kind: 'unavailable',
    ref,
    reason: `${paths} have ${what}: which of them is meant is open`,
  };
}

/** Compiling takes a contract 20 ms: it is done for those that are asked for. */
interface LazyReading {
  readonly ref: string | null;
  read(): ContractReading;
}

function once(read: () => ContractReading): () => ContractReading {
  let found: ContractReading | undefined;
  return () => {
    found ??= read();
    return found;
  };
}

function shelfOf(input: {
  readonly dir: string;
  readonly readings: readonly LazyReading[];
  /** Why there is nothing to read, or null. */
  readonly fault: string | null;
}): ContractShelf {
  const { dir, readings, fault } = input;
  const byRef = new Map(readings.flatMap((one) => (one.ref === null ? [] : [[one.ref, one] as const])));
  const all = () => readings.map((one) => one.read());
  const get = (ref: string): ContractReading =>
    byRef.get(ref)?.read() ?? {
      kind: 'unavailable',
      ref,
      reason: fault ?? absence({ ref, dir, readings: all(), known: [...byRef.keys()] }),
    };
  return { dir, fault, get, all };
}

function absence(input: {
  readonly ref: string;
  readonly dir: string;
  readonly readings: readonly ContractReading[];
  readonly known: readonly string[];
}): string {
  const { ref, dir, readings, known } = input;
  const nearest = known.length === 0 ? null : closest(ref, known);
  const near = nearest !== null && distance(ref, nearest) <= 3 ? `; the nearest is ${nearest}` : '';
  const unread = readings.flatMap((one) =>
    one.kind === 'unavailable' && one.ref === null ? [one.reason] : [],
  );
  const faults = unread.length === 0 ? '' : `; could not be read: ${unread.join('; ')}`;
  return `no file in ${dir} has the $id ${ref}${near}${faults}`;
}
