import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** A script that does nothing but await the scorer: only what it waits for may keep its process. */
function scriptOf(end: string): string {
  const at = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
  return `
    import { GraphBuilder } from ${at('../onnx/graph-builder.ts')};
    import { openScorer } from ${at('./scorer.ts')};
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', ['n', 2]);
    g.output('score', g.node('ReduceMean', [x], { axes: { ints: [1] }, keepdims: 0 }), 'float32', ['n']);
    const model = { onnx: g.encode('mean'), input: 'row', inputShape: [2] };
    const scorer = await openScorer(model, { workers: 2 });
    const unit = { kind: 'row', values: Float64Array.of(1, 3) };
    const first = await scorer.score([unit]);
    await scorer.heat(unit);
    const second = await scorer.score([unit, unit]);
    ${end}
    process.stdout.write(JSON.stringify([...first, ...second].map((said) => said.score)));
  `;
}

const runScript = (end: string) =>
  spawnSync(
    process.execPath,
    ['--import', 'tsx', '--conditions=@selvedge/source', '--input-type=module', '-e', scriptOf(end)],
    { encoding: 'utf8', timeout: 30_000 },
  );

describe('workers and the life of their process', () => {
  it('keep it while a call or the closing is awaited', () => {
    const { status, stdout, stderr } = runScript(
      'await scorer[Symbol.asyncDispose](); await scorer[Symbol.asyncDispose]();',
    );
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '[2,2,2]', stderr: '' });
  });

  it('do not keep it while they are idle and nobody closes them', () => {
    const { status, signal, stdout } = runScript('');
    expect({ status, signal, stdout }).toEqual({ status: 0, signal: null, stdout: '[2,2,2]' });
  });
});
