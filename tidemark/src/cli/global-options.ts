/** Options that every command takes. */
export interface GlobalOptions {
  readonly project?: string;
  readonly home?: string;
  readonly json: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** Options that select manifests, as commander gives them. */
export interface SelectionOptions {
  readonly manifestDir?: readonly string[];
  readonly manifestPath?: readonly string[];
  readonly batchId?: string;
}
