import { Bench } from './bench.js';
import { LIVENESS } from './liveness.js';
import { type ConformanceOptions, LIMITS } from './subject.js';
import { type Body, VALUES } from './values.js';
import { WRITES } from './writes.js';

export type { ConformanceOptions, Limits, Peer, Subject, SubjectTags } from './subject.js';

/** One thing that must hold of a connector, to be run by whatever runs tests. */
export interface Check {
  readonly name: string;
  /** Why it is not run here; null: it is. */
  readonly skip: string | null;
  /** Rejects with one sentence that says what is wrong. */
  run(): Promise<void>;
}

/** What it takes of a test runner: vitest, jest, mocha and node:test have it. */
export interface Runner {
  describe(name: string, body: () => void): void;
  it: { (name: string, body: () => Promise<void>): unknown; skip(name: string, body: () => void): unknown };
}

const BODIES: Readonly<Record<string, Body>> = { ...VALUES, ...LIVENESS, ...WRITES };

/** Names of all checks. */
export const CHECKS: readonly string[] = Object.keys(BODIES);

/**
 * The checks of the contract for one connector, each on a fresh subject. Checks of writes are left out where the manifest
 * has no `write`.
 * @throws RangeError where `skip` names a check that does not exist, or gives no reason.
 */
export function connectorChecks(options: ConformanceOptions): readonly Check[] {
  const { make, skip = [] } = options;
  const limits = { ...LIMITS, ...options.limits };
  for (const { reason, tests } of skip) {
    if (reason.trim() === '') throw new RangeError('a skip needs its reason');
    for (const one of tests)
      if (!CHECKS.some((name) => name.startsWith(one))) throw new RangeError(`there is no check ${one}`);
  }
  return Object.entries(BODIES).map(([name, body]) => ({
    name,
    skip: skip.find(({ tests }) => tests.some((one) => name.startsWith(one)))?.reason ?? null,
    async run() {
      const bench = new Bench(await make(), limits);
      const faults: unknown[] = [];
      const keep = (error: unknown) => faults.push(error);
      if (!(name in WRITES) || bench.subject.connector.manifest.can.has('write'))
        await body(bench).catch(keep);
      await bench.end().catch(keep);
      // What the check found says more than what its end stumbled over.
      if (faults.length > 0) throw faults[0];
    },
  }));
}

/** Registers the checks with a test runner. A skipped one carries its reason in its name. */
export function connectorConformance(options: ConformanceOptions, { describe, it }: Runner): void {
  describe(`${options.name}: conformance of a connector`, () => {
    for (const { name, skip, run } of connectorChecks(options)) {
      if (skip === null) it(name, run);
      else it.skip(`${name} (${skip})`, () => {});
    }
  });
}
