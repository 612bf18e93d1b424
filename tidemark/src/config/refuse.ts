import type { Node } from 'yaml';

/** Refuses the configuration for what stands at a node: the message gets its file, line and column. */
export type Refuse = (node: Node | null | undefined, message: string) => never;
