import { type Language, tagOf } from './texts.js';
import { type Zone, zoneOf } from './zone.js';

/** The one place where figures become text; everything by Intl. */
export interface Format {
  /** Where the clocks stand that are shown. */
  readonly zone: Zone;
  /** A share 0..1 as per cent, about three digits. `up` for a bound: it is never rounded to look better than it is. */
  percent(share: number, rounding?: 'nearest' | 'up'): string;
  whole(value: number): string;
  /** A reading or score, four significant digits. */
  reading(value: number): string;
  /** A value of equipment, seven significant digits: what a 32-bit number holds. */
  value(value: number): string;
  /** A reading with so many decimals, so that one that changes keeps its place. */
  steady(value: number, decimals: number): string;
  /** A ratio with two decimals. */
  ratio(value: number): string;
  /** Hours and minutes of a time of day. */
  clock(atMs: number): string;
  /** With seconds, for a row of the journal. */
  clockSeconds(atMs: number): string;
  /** Date and time. */
  moment(atMs: number): string;
  day(atMs: number): string;
  /** Day of the week, day and month, as one picks a day. */
  weekday(atMs: number): string;
  /** Day and month. */
  shortDay(atMs: number): string;
  /** A duration in its natural unit: 0.4 s, 42 s, 7 min, 3.5 h. */
  duration(ms: number): string;
}

/** Figures as written in one language. @param timeZone the browser's own where none is named */
export function formatOf(language: Language, timeZone?: string): Format {
  const tag = tagOf(language);
  const zone = timeZone === undefined ? {} : { timeZone };
  const date = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, { ...options, ...zone });
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const clock = date(time);
  const clockSeconds = date({ ...time, second: '2-digit' });
  const moment = date({ day: 'numeric', month: 'short', year: 'numeric', ...time });
  const day = date({ day: 'numeric', month: 'long', year: 'numeric' });
  const weekday = date({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
  const shortDay = date({ day: 'numeric', month: 'short' });
  const whole = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 });
  const reading = new Intl.NumberFormat(tag, { maximumSignificantDigits: 4 });
  const value = new Intl.NumberFormat(tag, { maximumSignificantDigits: 7 });
  const ratio = new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const unit = (name: string, digits: number) =>
    // The language itself: British English writes 0.4 secs.
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    });
  // A chart with its table asks for hundreds of these, and making one takes longer than using it.
  const percents = new Map<string, Intl.NumberFormat>();
  const percent = (digits: number, rounding: 'nearest' | 'up'): Intl.NumberFormat => {
    const key = `${rounding} ${digits}`;
    const known = percents.get(key);
    if (known !== undefined) return known;
    const made = new Intl.NumberFormat(tag, {
      style: 'percent',
      maximumFractionDigits: digits,
      roundingMode: rounding === 'up' ? 'ceil' : 'halfExpand',
    } as Intl.NumberFormatOptions);
    percents.set(key, made);
    return made;
  };
  const span = {
    fine: unit('second', 1),
    second: unit('second', 0),
    minute: unit('minute', 0),
    hour: unit('hour', 1),
  };
  return {
    zone: zoneOf(timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone),
    percent(share, rounding = 'nearest') {
      // Two digits of the rest to 100 %, so that 99.96 % does not become 100 %.
      const size = share > 0.5 ? 1 - share : Math.abs(share);
      const digits = size === 0 ? 0 : Math.min(4, Math.max(0, 1 - Math.floor(Math.log10(size * 100))));
      return percent(digits, rounding).format(Number(share.toPrecision(12)));
    },
    whole: (value) => whole.format(value),
    reading: (value) => (Number.isFinite(value) ? reading.format(value) : '–'),
    value: (one) => (Number.isFinite(one) ? value.format(one) : '–'),
    steady: (value, decimals) =>
      new Intl.NumberFormat(tag, {
        ...{ minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay: 'negative' },
      } as Intl.NumberFormatOptions).format(value),
    ratio: (value) => ratio.format(value),
    clock: (atMs) => clock.format(atMs),
    clockSeconds: (atMs) => clockSeconds.format(atMs),
    moment: (atMs) => moment.format(atMs),
    day: (atMs) => day.format(atMs),
    weekday: (atMs) => weekday.format(atMs),
    shortDay: (atMs) => shortDay.format(atMs),
    duration(ms) {
      if (ms < 9950) return span.fine.format(ms / 1000);
      if (ms < 120_000) return span.second.format(ms / 1000);
      if (ms < 7_200_000) return span.minute.format(ms / 60_000);
      return span.hour.format(ms / 3_600_000);
    },
  };
}
