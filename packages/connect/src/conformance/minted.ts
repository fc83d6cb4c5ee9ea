import type { Armed } from '../contract/armed.js';
import type { Command } from '../contract/command.js';
import type { Tag } from '../contract/tag.js';
import { Guard } from '../guard/guard.js';
import { writeRuleSchema } from '../guard/rule.js';
import { must } from './bench.js';

let serial = 0;

/**
 * A command that a guard has armed. The suite arms nothing itself: a real guard with a rule for this tag hands the command
 * to a link that keeps it, so that a check can hand it to the connector late, under another epoch, or out of its range.
 */
export async function minted(
  tag: Tag,
  { epoch, value, leftMs = 60_000 }: { epoch: string; value: number; leftMs?: number },
): Promise<Armed> {
  serial += 1;
  const kept: Armed[] = [];
  const notAfterMs = Date.now() + leftMs;
  const command: Command = {
    ...{ id: `conformance-${serial}`, target: tag.tag, value, notAfterMs },
    ...{ decision: 'conformance', release: 'conformance', gate: 'conformance' },
  };
  const guard = new Guard({
    rules: [
      writeRuleSchema.parse({
        ...{ target: tag.tag, does: 'act', gates: ['conformance'], range: [-1e9, 1e9], readBackMs: 0 },
      }),
    ],
    tags: [{ ...tag, access: 'rw' }],
    link: {
      read: async () => [],
      write: async (armed) => {
        kept.push(armed);
        return { id: armed.command.id, outcome: 'refused', why: 'kept for a check' };
      },
    },
    standing: () => ({ authority: 'act', release: 'conformance', boundShare: 1 }),
    lease: () => null,
    record: async () => {},
    // It lets the command through in time, by both clocks: what comes late is the way to the connector.
    nowMs: () => notAfterMs - 1,
    steadyMs: () => 0,
  });
  guard.setMode('act');
  guard.known.state({ state: 'up', why: '', epoch });
  guard.known.heard();
  const written = await guard.write(command);
  const [armed] = kept;
  must(armed !== undefined, `the guard refused to arm a command: ${JSON.stringify(written)}`);
  return armed;
}
