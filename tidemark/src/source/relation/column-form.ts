/** How a value of a column is written in JSON, and by which expression the server gives it. */
export interface ColumnForm {
  readonly name: string;
  /** As the database names it, such as `timestamptz`. */
  readonly type: string;
  /** What the server is asked for. */
  readonly expression: string;
  /** The JSON text of the server's text of a value. */
  toJson(text: string): string;
}
