/** The part of cli-progress 3.12 that is used here; the package brings no types. */
declare module 'cli-progress' {
  interface Options {
    readonly stream: NodeJS.WritableStream;
    readonly fps: number;
    readonly clearOnComplete: boolean;
    readonly linewrap: boolean;
    /** The whole line; a value that changes is drawn, the same value is not drawn again. */
    readonly format: (options: object, params: { readonly maxWidth: number }, payload: object) => string;
  }
  class SingleBar {
    constructor(options: Options);
    start(total: number, startValue: number): void;
    update(value: number): void;
    stop(): void;
  }
  const cliProgress: { readonly SingleBar: typeof SingleBar };
  export default cliProgress;
}
