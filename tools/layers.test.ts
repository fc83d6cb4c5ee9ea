import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { breaches, readSources, TABLE } from './layers.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

describe('layers', () => {
  it('hold in every source of the house', () => {
    const sources = readSources(ROOT);
    // A walk that finds nothing would be green for ever.
    const rooms = new Set(sources.map(({ path }) => path.split('/').slice(0, 2).join('/')));
    expect([...rooms].sort()).toEqual(Object.keys(TABLE).sort());
    expect(sources.length).toBeGreaterThan(100);
    expect(breaches(sources)).toEqual([]);
  });

  it.each([
    ['packages/core/src/a.ts', `import { z } from 'zod';`, 'only packages/core/src/records/ may import zod'],
    ['packages/core/src/a.ts', `import { x } from '@selvedge/models';`, 'may not import @selvedge/models'],
    ['packages/core/src/a.ts', `import type { x } from '@selvedge/site';`, 'may not import @selvedge/site'],
    ['packages/core/src/a.ts', `import { join } from 'node:path';`, 'may not import node:path'],
    ['packages/core/src/a.ts', `import { join } from 'path';`, 'may not import path'],
    ['packages/core/src/a.ts', 'export const at = Date.now();', 'may not use Date'],
    ['packages/core/src/a.ts', 'export const at = (time: Date) => time;', 'may not use Date'],
    ['packages/core/src/a.ts', 'export const u = Math.random();', 'may not use Math.random'],
    ['packages/core/src/a.ts', `export const u = Math['random']();`, 'may not use Math.random'],
    ['packages/core/src/a.ts', 'export const home = process.env.HOME;', 'may not use process'],
    ['packages/core/src/a.ts', 'export const home = { process };', 'may not use process'],
    ['packages/models/src/a.ts', `export * from '@selvedge/site';`, 'may not import @selvedge/site'],
    ['packages/models/src/a.ts', `import ort from 'onnxruntime-node';`, 'may import onnxruntime-node'],
    ['packages/models/src/a.ts', `export { x } from '../../core/src/x.js';`, 'reaches out of its room'],
    ['packages/models/src/a.ts', `import { x } from '@selvedge/core/gate';`, 'may not import @selvedge/core'],
    ['packages/connect/src/modbus/a.ts', `import { arm } from '../guard/armed.js';`, 'may arm a command'],
    ['packages/release/src/a.ts', `const x = await import('@selvedge/site');`, 'import @selvedge/site'],
    ['packages/site/src/a.ts', `type X = import('@selvedge/hub').X;`, 'may not import @selvedge/hub'],
    [
      'packages/site/src/a.ts',
      `import x from '@selvedge/pack-embodied-cell';`,
      'may not import @selvedge/pack',
    ],
    ['packages/site/src/a.ts', `import { runMain } from '@selvedge/cli';`, 'may not import @selvedge/cli'],
    ['packages/site/src/a.ts', `import x = require('lodash');`, 'may not import lodash'],
    ['packages/site/src/a.ts', `console.log('here');`, 'only the command line prints'],
    [
      'packs/seat-sewing/src/a.ts',
      `import { replay } from '@selvedge/site';`,
      'may not import @selvedge/site',
    ],
    [
      'packs/seat-sewing/src/a.ts',
      `import x from '@selvedge/pack-sic-wafer';`,
      'may not import @selvedge/pack',
    ],
    ['packages/new/src/a.ts', `import x from '@selvedge/core';`, 'has no row in the import table'],
    ['packages/core/src/a.ts', 'export const waferMap = 1;', 'names an industry: wafer'],
    ['packages/models/src/a.ts', '// A seam is 86 numbers.', 'names an industry: seam'],
    ['packages/cli/src/index.ts', `import { replay } from '@selvedge/site';`, 'must be imported lazily'],
  ])('see a violation in %s: %s', (path, text, what) => {
    expect(breaches([{ path, text }])).toEqual([expect.stringContaining(what)]);
  });

  it('see an eager import behind a file of the command line', () => {
    const found = breaches([
      { path: 'packages/cli/src/index.ts', text: `import { run } from './run.js';` },
      { path: 'packages/cli/src/run.ts', text: `import { replay } from '@selvedge/site';` },
    ]);
    expect(found).toEqual([expect.stringContaining('packages/cli/src/run.ts: loaded at start')]);
  });

  it.each([
    ['packages/core/src/records/a.ts', `import { z } from 'zod';`],
    ['packages/core/src/a.ts', `import { x } from './process.js'; export const y = { process: x.process };`],
    ['packages/models/src/engine/a.ts', `import ort from 'onnxruntime-node';`],
    ['packages/site/src/a.ts', `import { parse } from 'csv-parse/sync'; // needless and seamless`],
    ['packages/cli/src/index.ts', `const { replay } = await import('@selvedge/site'); console.log(replay);`],
    ['packages/cli/src/index.ts', `import type { Options } from '@selvedge/site';`],
    ['packs/seat-sewing/src/a.ts', `export const stitch = 1; import { x } from '@selvedge/models';`],
  ])('let pass what is allowed in %s: %s', (path, text) => {
    expect(breaches([{ path, text }])).toEqual([]);
  });
});
