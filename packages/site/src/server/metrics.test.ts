import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { owner, runningSite } from '../../test/running-site.js';

const PROMTOOL = '/usr/bin/promtool';
const absent = !existsSync(PROMTOOL);
if (absent) process.stdout.write(`skip: no promtool at ${PROMTOOL}\n`);

describe.skipIf(absent)('the figures for Prometheus', () => {
  it('pass its own check', async () => {
    const { site } = await runningSite();
    const ada = await owner(site);
    const text = await (await ada.get('/metrics')).text();
    expect(text).toContain('selvedge_journal_rows');
    const said = execFileSync(PROMTOOL, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect(said).toBe('');
    // The check can fail.
    expect(() =>
      execFileSync(PROMTOOL, ['check', 'metrics'], {
        input: `${text}\nselvedge_journal_rows twice`,
        stdio: 'pipe',
      }),
    ).toThrow();
  });
});
