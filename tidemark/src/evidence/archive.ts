import type { Engine } from '../run/engine.ts';

/** What the reading verbs may use of the world. They write nothing below the home. */
export type Archive = Pick<Engine, 'root' | 'home' | 'catalog' | 'contracts' | 'limits' | 'signal'>;
