/** Where progress goes: a terminal gets one line that is redrawn, anything else one line a step of a tenth. */
interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows what runs, how far it is and how long it will still take. */
export function progressLine(stream: ProgressStream, now: () => number = Date.now) {
  let what = '';
  let startedAt = 0;
  let shownAt = 0;
  let tenth = -1;
  let drawn = false;
  const clear = () => {
    if (drawn) stream.write('\r\x1b[2K');
    drawn = false;
  };
  /** `done` is 0..1 of the step named `step`. */
  const show = (done: number, step: string) => {
    const at = now();
    if (step !== what) {
      what = step;
      startedAt = at;
      tenth = -1;
    }
    const spentMs = at - startedAt;
    const leftMs = done > 0.02 ? (spentMs / done) * (1 - done) : Number.NaN;
    const estimate =
      done < 1 && Number.isFinite(leftMs) && spentMs > 1500 ? `, about ${duration(leftMs)} left` : '';
    const whole = `${step} ${Math.floor(100 * done)} %${estimate}`;
    // A line that wraps could not be taken back.
    const room = (stream.columns ?? 80) - 1;
    const text = stream.isTTY && whole.length > room ? `${whole.slice(0, Math.max(1, room - 1))}…` : whole;
    if (stream.isTTY && process.env.TERM !== 'dumb') {
      if (at - shownAt < 100 && done < 1) return;
      shownAt = at;
      clear();
      stream.write(text);
      drawn = true;
    } else if (Math.floor(done * 10) > tenth && spentMs > 1000) {
      tenth = Math.floor(done * 10);
      stream.write(`${text}\n`);
    }
  };
  return { show, clear };
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
