import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Writes how many tests passed, failed and were skipped to the file that `npm test` names. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.SELVEDGE_TEST_COUNTS;
    if (!file) return;
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      let ran = 0;
      for (const test of module.children.allTests()) {
        ran++;
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') counts[state]++;
        else counts.skipped++;
      }
      // A file that cannot even be loaded holds no test and is a failure all the same.
      if (ran === 0 && module.state() === 'failed') counts.failed++;
    }
    writeFileSync(file, JSON.stringify(counts));
  }
}
