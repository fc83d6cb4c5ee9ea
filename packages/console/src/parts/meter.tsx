import { useId } from 'react';

/** How far something has come; the text says it, the bar shows it. */
export function Meter({
  label,
  value,
  most,
  text,
}: {
  label: string;
  value: number;
  most: number | null;
  text: string;
}) {
  const id = useId();
  return (
    <div className="meter">
      <p>
        <b id={id}>{label}</b> <span>{text}</span>
      </p>
      {most !== null && most > 0 && (
        <progress value={Math.min(value, most)} max={most} aria-labelledby={id}>
          {text}
        </progress>
      )}
    </div>
  );
}
