import { join } from 'node:path';
import type { Limits } from '../model/limits.ts';
import type { Contract, Violation } from './contract.ts';
import { type FixtureCase, readFixture } from './fixture.ts';
import { listJsonFiles } from './list-json-files.ts';
import { type ContractShelf, loadContracts } from './load-contracts.ts';

export interface ContractCheck {
  /** Null for a file whose `$id` could not be read. */
  readonly ref: string | null;
  /** Why the contract cannot be used; null where it can. */
  readonly fault: string | null;
  readonly notes: readonly string[];
}

export interface CaseCheck {
  readonly name: string;
  readonly claimed: FixtureCase['outcome'];
  /** How the judgement differs from the claim; null where the claim holds. */
  readonly fault: string | null;
  readonly violations: readonly Violation[];
}

export interface FixtureCheck {
  readonly path: string;
  readonly contract: string | null;
  /** Why none of its cases could be judged: a malformed file, a contract that is not there. */
  readonly faults: readonly string[];
  readonly cases: readonly CaseCheck[];
}

/** What `contract test` found. It passes when no fault is anywhere in it; notes do not count. */
export interface ContractTestReport {
  readonly passes: boolean;
  readonly contracts: readonly ContractCheck[];
  readonly fixtures: readonly FixtureCheck[];
  /** Folders that could not be read. */
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

/** Checks that every contract of a folder is one, and that every fixture has the outcome that it claims. */
export async function testContracts(input: {
  readonly contractsDir: string;
  readonly fixturesDir: string;
  readonly limits: Limits;
  readonly root?: string;
}): Promise<ContractTestReport> {
  const { contractsDir, fixturesDir, limits, root } = input;
  const shelf = await loadContracts({ dir: contractsDir, limits, ...(root !== undefined && { root }) });
  const listing = await listJsonFiles(fixturesDir);
  const names = listing.kind === 'listed' ? listing.names : [];
  const fixtures: FixtureCheck[] = [];
  for (const name of names)
    fixtures.push(await checkFixture({ path: join(fixturesDir, name), shelf, limits }));
  const contracts = checkShelf(shelf);

  const noFixtures = listing.kind === 'unlisted' ? `the fixtures folder ${listing.reason}` : null;
  const isFault = listing.kind === 'unlisted' && !listing.isMissing;
  const faults = [shelf.fault, isFault ? noFixtures : null].filter((fault) => fault !== null);
  const notes = [noFixtures === null || isFault ? [] : [noFixtures], untested(contracts, fixtures)].flat();
  const passes =
    faults.length === 0 &&
    contracts.every((contract) => contract.fault === null) &&
    fixtures.every((file) => file.faults.length === 0 && file.cases.every((one) => one.fault === null));
  return { passes, contracts, fixtures, faults, notes };
}

function checkShelf(shelf: ContractShelf): readonly ContractCheck[] {
  return shelf
    .all()
    .map((reading) =>
      reading.kind === 'contract'
        ? { ref: reading.contract.ref, fault: null, notes: reading.notes }
        : { ref: reading.ref, fault: reading.reason, notes: [] },
    );
}

function untested(contracts: readonly ContractCheck[], fixtures: readonly FixtureCheck[]): readonly string[] {
  const tested = new Set(fixtures.map((file) => file.contract));
  return contracts
    .filter(({ ref, fault }) => fault === null && !tested.has(ref))
    .map(({ ref }) => `${ref} has no fixtures`);
}

async function checkFixture(input: {
  readonly path: string;
  readonly shelf: ContractShelf;
  readonly limits: Limits;
}): Promise<FixtureCheck> {
  const { path, shelf, limits } = input;
  const reading = await readFixture({ path, limits });
  if (reading.kind === 'malformed') return { path, contract: null, faults: reading.problems, cases: [] };
  const { contract: ref, cases } = reading.fixture;
  const found = shelf.get(ref);
  if (found.kind === 'unavailable') return { path, contract: ref, faults: [found.reason], cases: [] };
  return { path, contract: ref, faults: [], cases: cases.map((one) => checkCase(one, found.contract)) };
}

function checkCase(claim: FixtureCase, contract: Contract): CaseCheck {
  const violations = contract.validate(claim.record);
  return { name: claim.name, claimed: claim.outcome, fault: faultOf(claim, violations), violations };
}

function faultOf(claim: FixtureCase, violations: readonly Violation[]): string | null {
  const outcome = violations.length === 0 ? 'valid' : 'invalid';
  const found = listViolations(violations);
  if (outcome !== claim.outcome) {
    return `is claimed ${claim.outcome} and is ${outcome}${found === '' ? '' : `: ${found}`}`;
  }
  if (claim.violations === undefined) return null;
  const claimed = listViolations(claim.violations);
  return claimed === found
    ? null
    : `is claimed to break ${claimed || 'nothing'} and breaks ${found || 'nothing'}`;
}

/** `required /ticket_id, type /tags/0`, in one order whatever the order found. */
function listViolations(violations: readonly Pick<Violation, 'rule' | 'pointer'>[]): string {
  return violations
    .map(({ rule, pointer }) => `${rule} ${pointer || '/'}`)
    .sort()
    .join(', ');
}
