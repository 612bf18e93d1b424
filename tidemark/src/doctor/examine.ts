import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { VARIABLES } from '../config/environment.ts';
import { readConfig } from '../config/read-config.ts';
import { loadContracts } from '../contract/load-contracts.ts';
import { examineConnections } from '../doctor/examine-connections.ts';
import { examineModules } from '../doctor/examine-modules.ts';
import { examineStore } from '../doctor/examine-store.ts';
import { unmountStore } from '../landing/store/mount.ts';
import { mountedHome } from '../landing/store/mounted-home.ts';
import { catalogLocation } from '../model/catalog-location.ts';
import { nearMiss } from '../model/near-miss.ts';
import { loadDeclarations } from '../run/load-declarations.ts';
import { usableHome } from '../run/usable-home.ts';
import { examineDataEngine, examineHome, examineNode } from './examine-machine.ts';
import { examineCatalog, examineContracts, examineManifests, examineSources } from './examine-project.ts';
import { doubtful, type Examined, type Finding, faultFound, good } from './finding.ts';

export interface Examination {
  /** The worst of what was found. */
  readonly verdict: Examined['verdict'];
  readonly examined: readonly Examined[];
}

/**
 * Looks at everything that a run needs, from the machine to the sources, and goes on where something is amiss. Nothing is
 * created or changed; what hangs on something that could not be had is left out.
 */
export async function examine({
  project = '.',
  home,
}: {
  project?: string;
  home?: string;
} = {}): Promise<Examination> {
  const examined: Examined[] = [];
  const look = async <T>(name: string, at: () => Promise<[Finding, T]>): Promise<T | null> => {
    const [finding, value] = await at().catch((error: unknown): [Finding, null] => [faultFound(error), null]);
    examined.push({ name, ...finding });
    return value;
  };
  const judge = async (name: string, at: () => Finding | Promise<Finding>) =>
    await look(name, async () => [await at(), null]);

  await judge('node', () => examineNode(process.versions.node));
  await judge('environment', () => examineEnvironment(process.env));
  const config = await look('configuration', async () => {
    const read = await readConfig({ from: project });
    return [good(`project ${read.root}`), read];
  });
  if (config === null) return conclude(examined);
  const place = await look('home', async () => {
    const dir = usableHome(resolve(home ?? config.homeDir));
    return [await examineHome(dir), mountedHome({ dir, store: config.store, limits: config.limits })];
  });
  if (place !== null) {
    try {
      await judge('store', () => examineStore(place.storeDir));
    } finally {
      await unmountStore(place.storeDir);
    }
    await judge('catalog', () =>
      examineCatalog(catalogLocation({ url: config.catalogUrl, path: place.catalogPath })),
    );
  }
  await judge('data engine', async () => {
    const spillDir = await mkdtemp(join(tmpdir(), 'tidemark-doctor-'));
    try {
      return await examineDataEngine({ limits: config.limits, spillDir });
    } finally {
      await rm(spillDir, { recursive: true, force: true });
    }
  });
  const contracts = await look('contracts', async () => {
    const shelf = await loadContracts({
      dir: config.contractsDir,
      limits: config.limits,
      root: config.root,
    });
    return [examineContracts(shelf), shelf];
  });
  if (contracts === null) return conclude(examined);
  const { root, manifestsDir: defaultDir, limits, manifestSettings: settings } = config;
  const declarations = await look('manifests', async () => {
    const found = await loadDeclarations({ root, selection: {}, defaultDir, contracts, settings, limits });
    return [examineManifests(found), found];
  });
  await judge('connections', () => examineConnections(config));
  await judge('modules', () => examineModules(config));
  if (declarations !== null) await judge('sources', () => examineSources(config, declarations));
  return conclude(examined);
}

/** A misspelt variable would say nothing, and nobody would notice. */
function examineEnvironment(env: NodeJS.ProcessEnv): Finding {
  const set = Object.keys(env).filter((name) => name.startsWith('TIDEMARK_'));
  const unknown = set.filter((name) => !VARIABLES.includes(name));
  if (unknown.length === 0) return good(set.length === 0 ? 'says nothing' : `says ${set.join(', ')}`);
  const meant = unknown.map((name) => {
    const near = nearMiss(name, VARIABLES);
    return near === undefined ? name : `${name} (did you mean ${near}?)`;
  });
  return doubtful(`${meant.join(', ')}: unknown, and without effect`, `Known are ${VARIABLES.join(', ')}.`);
}

function conclude(examined: readonly Examined[]): Examination {
  const verdicts = new Set(examined.map(({ verdict }) => verdict));
  return { verdict: verdicts.has('bad') ? 'bad' : verdicts.has('doubtful') ? 'doubtful' : 'good', examined };
}
