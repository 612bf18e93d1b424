import type { ErrorCode } from '../errors/codes.ts';

/** Why a declared source is not to be had. That is data: the asset's outcome follows from it. */
export interface Unreachable {
  readonly kind: 'unreachable';
  /**
   * `outside`, `refused`: never to be read as it is declared. `missing`, `unreadable`, `connector`, `moved`: may be mended and
   * tried again.
   */
  readonly cause: 'outside' | 'refused' | 'missing' | 'unreadable' | 'connector' | 'moved';
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: string;
}
