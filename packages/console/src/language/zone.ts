/** A place's clock, which may stand elsewhere than the browser's. */
export interface Zone {
  readonly name: string;
  /** Local time less UTC at a moment, ms. */
  offsetMs(atMs: number): number;
  /** The moment at which the place's clock shows a time, given as if it were UTC; of two such moments the first. */
  at(wallMs: number): number;
}

const DAY_MS = 86_400_000;

/** @param name of the IANA time zone list */
export function zoneOf(name: string): Zone {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: name,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  const offsetMs = (atMs: number): number => {
    const of = Object.fromEntries(parts.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = of;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
  };
  return {
    name,
    offsetMs,
    at(wallMs) {
      // A day before and a day after lie on both sides of any change of the clocks; the larger offset is the earlier moment.
      const [before, after] = [wallMs - DAY_MS, wallMs + DAY_MS].map(offsetMs) as [number, number];
      const early = wallMs - Math.max(before, after);
      const late = wallMs - Math.min(before, after);
      return early + offsetMs(early) === wallMs ? early : late;
    },
  };
}
