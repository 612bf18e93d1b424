import { ERROR_CODES, type ErrorCode } from '../../errors/codes.ts';

/** Why a tap gave no rows, or none that may be taken. Its text holds no secret that was put into its configuration. */
export class TapFailure extends Error {
  readonly code: ErrorCode;
  readonly next: string;

  constructor(
    message: string,
    {
      code = ERROR_CODES.tap_failed,
      next = 'Mend the tap or its settings under singer in tidemark.yaml, then run the same command again.',
    }: { code?: ErrorCode; next?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.next = next;
  }
}
