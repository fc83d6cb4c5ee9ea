const two = (value: number) => String(value).padStart(2, '0');

/** Epoch ms as a datetime-local field wants it: the viewer's own time, to the minute. */
export function toInput(atMs: number): string {
  const d = new Date(atMs);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}

/** Back to epoch ms; null for an empty or broken field. */
export function fromInput(text: string): number | null {
  const at = new Date(text).getTime();
  return Number.isFinite(at) ? at : null;
}
