/** How rows of delimited text are written. Each mark is one ASCII character. */
export interface Dialect {
  readonly delimiter: string;
  /** Null: quotes are characters like others. */
  readonly quote: string | null;
  /** Inside quotes, in front of a quote that is meant; the quote itself where it is doubled. */
  readonly escape: string;
  /** Whether the first row names the columns. */
  readonly header: boolean;
  /** An unquoted field that reads so is no value: the property is left out. */
  readonly null: string;
  /** Properties that the fields of a row are. */
  readonly columns: readonly string[];
}

/** Tried in this order where none is declared. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

export const COLUMNS_MAX = 4096;
export const COLUMN_NAME_BYTES_MAX = 1024;
