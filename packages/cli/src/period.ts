import { InputFault } from '@selvedge/site';

/** A day as the plant counts it. */
export interface Clock {
  readonly timezone: string;
  /** HH:MM. */
  readonly dayStart: string;
}

export interface PeriodFlags {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly last?: string | undefined;
  readonly shift?: string | undefined;
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const DAY_MS = 86_400_000;

/**
 * The period that somebody asks for, in epoch ms, its end excluded. Without any flag the last 24 hours that the journal
 * has. Times without a zone are those of the plant's clocks. @throws InputFault `bad-period`.
 */
export function periodOf(
  { from, to, last, shift }: PeriodFlags,
  { clock, firstMs, lastMs }: { readonly clock: Clock; readonly firstMs: number; readonly lastMs: number },
): { fromMs: number; toMs: number } {
  const ways = [from !== undefined || to !== undefined, last !== undefined, shift !== undefined];
  if (ways.filter(Boolean).length > 1) throw bad('--from/--to, --last and --shift exclude each other');
  const end = lastMs + 1;
  if (last !== undefined) {
    const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(last) ?? [];
    const ms = Number(count) * (UNITS[unit] ?? Number.NaN);
    if (!(ms > 0)) throw bad('--last takes a number with m, h or d, e.g. 8h');
    return { fromMs: end - ms, toMs: end };
  }
  if (shift !== undefined) return shiftOf(shift, clock);
  if (from === undefined && to === undefined) return { fromMs: end - DAY_MS, toMs: end };
  const fromMs = from === undefined ? firstMs : moment('--from', from, clock.timezone);
  const toMs = to === undefined ? end : moment('--to', to, clock.timezone);
  if (toMs <= fromMs) throw bad('the period ends before it begins. Write the earlier time under --from');
  return { fromMs, toMs };
}

/** `2026-01-05` = the working day from `dayStart`; `2026-01-05/2` = its second third, that is a shift of eight hours. */
function shiftOf(text: string, { timezone, dayStart }: Clock): { fromMs: number; toMs: number } {
  const [, day, number] = /^(\d{4}-\d{2}-\d{2})(?:\/([123]))?$/.exec(text) ?? [];
  if (day === undefined)
    throw bad('--shift takes a day, or one of its three shifts, e.g. 2026-01-05 or 2026-01-05/2');
  const begin = moment('--shift', `${day}T${dayStart}`, timezone);
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + DAY_MS).toISOString().slice(0, 10);
  // A day on which the clocks change is an hour longer or shorter.
  const end = moment('--shift', `${next}T${dayStart}`, timezone);
  if (number === undefined) return { fromMs: begin, toMs: end };
  const third = (end - begin) / 3;
  return {
    fromMs: Math.round(begin + (Number(number) - 1) * third),
    toMs: Math.round(begin + Number(number) * third),
  };
}

function moment(flag: string, text: string, timezone: string): number {
  const wall = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?)?$/.test(text);
  const zoned = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  const at = Date.parse(wall ? `${text.includes('T') ? text : `${text}T00:00`}Z` : zoned ? text : '');
  if (Number.isNaN(at)) throw bad(`${flag} takes a time, e.g. 2026-01-05T06:00 or 2026-01-05T06:00+07:00`);
  if (!wall) return at;
  // The zone's distance at about that time, looked up twice: near a change of the clocks the first one may be wrong.
  const once = at - offsetMs(at, timezone);
  return at - offsetMs(once, timezone);
}

function offsetMs(atMs: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    ...{
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    },
  });
  const part = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const of = (name: Intl.DateTimeFormatPartTypes): number => part.get(name) ?? 0;
  const wall = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return wall - Math.floor(atMs / 1000) * 1000;
}

const bad = (message: string): InputFault => new InputFault({ code: 'bad-period', message });
