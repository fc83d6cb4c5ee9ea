/**
 * Start of the working day that holds a moment: the last time the wall clock of `timezone` showed `dayStart` (HH:MM).
 * On a day on which the clocks change the day is an hour longer or shorter, as it is for people.
 */
export function dayStartOf({
  dayStart,
  timezone,
}: {
  dayStart: string;
  timezone: string;
}): (atMs: number) => number {
  const [hours = 0, minutes = 0] = dayStart.split(':').map(Number);
  const wall = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const into = (atMs: number): number => {
    const part = Object.fromEntries(wall.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
    return ((part.hour ?? 0) * 3600 + (part.minute ?? 0) * 60 + (part.second ?? 0)) * 1000;
  };
  const begin = (hours * 60 + minutes) * 60_000;
  return (atMs) => {
    const since = (into(atMs) - begin + 86_400_000) % 86_400_000;
    const guess = atMs - since - (((atMs % 1000) + 1000) % 1000);
    // A change of the clocks in between moves the guess by an hour.
    const off = into(guess) - begin;
    return off === 0 ? guess : guess - (((off + 43_200_000 + 86_400_000) % 86_400_000) - 43_200_000);
  };
}
