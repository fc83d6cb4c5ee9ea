import { useWords } from '../language/use-words.js';
import { Field } from './form.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const STEP_MS = 15 * MINUTE_MS;
/** Days back that are offered. */
const DAYS = 92;

/**
 * A day and a time of the plant in the language of the page. The browser's own field would speak the browser's language and
 * the browser's time zone; two lists are also easier to hit with a glove.
 *
 * @param newestMs the newest day that can be chosen
 */
export function MomentField({
  label,
  value,
  newestMs,
  onChange,
}: {
  label: string;
  value: number;
  newestMs: number;
  onChange: (atMs: number) => void;
}) {
  const { t, format } = useWords();
  const { zone } = format;
  const wall = value + zone.offsetMs(value);
  const day = Math.floor(wall / DAY_MS) * DAY_MS;
  const into = wall - day;
  const newest = Math.floor((newestMs + zone.offsetMs(newestMs)) / DAY_MS) * DAY_MS;
  const days = Array.from({ length: DAYS }, (_, i) => newest - i * DAY_MS);
  if (!days.includes(day)) days.push(day);
  const times = Array.from({ length: DAY_MS / STEP_MS }, (_, i) => i * STEP_MS);
  if (!times.includes(into)) times.push(into);
  times.sort((a, b) => a - b);
  // Noon is on the same day of the calendar wherever the clocks change.
  const nameOfDay = (one: number) => format.weekday(zone.at(one + DAY_MS / 2));
  return (
    <div className="moment">
      <Field label={t('shiftDay', { what: label })}>
        {(ids) => (
          <select
            {...ids}
            value={day}
            onChange={(event) => onChange(zone.at(Number(event.target.value) + into))}
          >
            {days.map((one) => (
              <option key={one} value={one}>
                {nameOfDay(one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t('shiftTime', { what: label })}>
        {(ids) => (
          <select
            {...ids}
            value={into}
            onChange={(event) => onChange(zone.at(day + Number(event.target.value)))}
          >
            {times.map((one) => (
              <option key={one} value={one}>
                {format.clock(zone.at(day + one))}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}
