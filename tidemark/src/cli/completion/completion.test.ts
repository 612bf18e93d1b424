import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { Output } from '../output.ts';
import { buildProgram } from '../program.ts';
import { bashScript } from './bash-script.ts';
import { completionTree } from './completion-tree.ts';
import { fishScript } from './fish-script.ts';
import { zshScript } from './zsh-script.ts';

const program = buildProgram({ version: '0', carry: async () => undefined, output: new Output(process) });
const tree = completionTree(program);

/** What bash offers for a command line whose last word is being typed. */
function bashOffers(...words: string[]): string[] {
  const script = `${bashScript(tree)}
COMP_WORDS=(tidemark "$@"); COMP_CWORD=$#; _tidemark; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['--norc', '-c', script, 'bash', ...words], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  });
  return text.split('\n').filter((line) => line !== '');
}

describe('shell completion', () => {
  it('knows every verb, alias and option in every shell', () => {
    const verbs = tree.flatMap(({ names }) => names);
    assert.ok(
      ['init', 'check', 'plan', 'seed-loader', 'run', 'status', 'show', 'verify'].every((verb) =>
        verbs.includes(verb),
      ),
    );
    for (const script of [bashScript(tree), zshScript(tree), fishScript(tree)]) {
      for (const verb of verbs) assert.match(script, new RegExp(`\\b${verb}\\b`));
      for (const option of ['manifest-path', 'fail-on', 'no-color'])
        assert.match(script, new RegExp(`\\b${option}\\b`));
    }
  });

  it('in bash offers verbs first, then what belongs to the verb', () => {
    assert.deepEqual(bashOffers('st'), ['status', 'state']);
    assert.deepEqual(bashOffers('evidence', 'v'), ['verify']);
    assert.deepEqual(bashOffers('seed-loader', '--rep'), ['--report-json']);
    assert.deepEqual(bashOffers('run', '--smoke'), ['--smoke-report']);
    assert.deepEqual(bashOffers('status', '--smoke'), []);
  });

  it('in bash offers options of every command behind the verb too, and what an option takes', () => {
    assert.deepEqual(bashOffers('run', '--pro'), ['--project']);
    assert.deepEqual(bashOffers('run', '--fail-on', ''), ['rejects']);
    assert.deepEqual(bashOffers('plan', '--manifest-path', 'zsh'), ['zsh-script.ts']);
    assert.deepEqual(bashOffers('--project', '..', 'completion', 'f'), ['fish']);
    assert.deepEqual(bashOffers('run', '--batch-id', ''), []);
  });

  it('in bash is not led astray by the value of an option that is the name of a verb', () => {
    assert.deepEqual(bashOffers('--project', 'run', '--smoke'), []);
    assert.deepEqual(bashOffers('run', '--batch-id', 'status', '--smoke'), ['--smoke-report']);
  });
});
