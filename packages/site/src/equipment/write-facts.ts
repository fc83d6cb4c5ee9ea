import type { Command, Value, WriteRow } from '@selvedge/connect';
import type { SiteFactBody } from '@selvedge/core/records';
import type { Fact } from '@selvedge/store';
import { factOf } from '../live/facts.js';

const LONGEST_WHY = 500;
const LONGEST_VALUE = 500;

/** What the guard has written down, as a row of the journal. */
export function factOfRow(
  row: WriteRow,
  of: { readonly connector: string; readonly atMs: number; readonly reason: string | undefined },
): Fact {
  const { connector, atMs } = of;
  const because = of.reason === undefined ? {} : { reason: of.reason };
  if (row.kind === 'write-ended') {
    const { receipt, target, gate: station, decision } = row;
    return factOf('write-ended', {
      ...{ subject: subjectOf(decision, station), atMs },
      body: {
        ...{ write: row.id, station, target, outcome: receipt.outcome },
        why: receipt.why.slice(0, LONGEST_WHY),
        readBack: heldAs(receipt.readBack?.value),
      },
    });
  }
  const { command } = row;
  const { id: write, target, gate: station, decision, release, notAfterMs } = command;
  const subject = subjectOf(decision, station);
  if (row.kind === 'write-intended') {
    const { epoch, lease } = row;
    const value = plain(command.value);
    const body = { write, connector, target, value, station, decision, release, epoch, lease, notAfterMs };
    return factOf('write-intended', { subject, atMs, body: { ...body, ...because } });
  }
  const { why, mode } = row;
  const value = shown(command.value);
  const body = { connector, target, value, station, decision, why, mode, ...because };
  return factOf('write-refused', { subject, atMs, body });
}

/** `unit:<id>` is written to the unit, everything else to the station. */
export function subjectOf(decision: string, station: string): string {
  return decision.startsWith('unit:') ? decision.slice('unit:'.length) : station;
}

/** What equipment was seen to hold, as a plain value; null where that is none. */
export function heldAs(held: Value | undefined): SiteFactBody<'write-ended'>['readBack'] {
  return typeof held === 'object' || held === undefined ? null : shown(held);
}

function plain(value: Command['value']): SiteFactBody<'write-intended'>['value'] {
  return typeof value === 'bigint' || value instanceof Uint8Array ? String(value) : value;
}

/** What was not written, or stands at the equipment: whatever it is, it has a place in its row. */
export function shown(value: Command['value']): SiteFactBody<'write-refused'>['value'] {
  const one = plain(value);
  if (typeof one === 'string') return one.slice(0, LONGEST_VALUE);
  return typeof one === 'number' && !Number.isFinite(one) ? String(one) : one;
}
