import type { Contract } from './contract.ts';

/** A contract that may be used. */
export interface UsableContract {
  readonly kind: 'contract';
  readonly contract: Contract;
  /** What the contract asks for and the judge does not check, such as a format that nobody defined. */
  readonly notes: readonly string[];
}

export interface UnavailableContract {
  readonly kind: 'unavailable';
  /** Null, among all of a folder only, for a file whose `$id` could not be read. */
  readonly ref: string | null;
  /** One sentence without its full stop, naming the file or the folder. */
  readonly reason: string;
}

export type ContractReading = UsableContract | UnavailableContract;
