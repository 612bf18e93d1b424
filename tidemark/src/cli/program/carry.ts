import type { Command } from 'commander';
import type { Outcome } from '../outcome.ts';
import type { Session } from '../session.ts';

/** Runs one command: opens the session, waits for the outcome, prints it. */
export type Carry = (command: Command, work: (session: Session) => Promise<Outcome>) => Promise<void>;
