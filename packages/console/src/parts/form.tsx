import { type FormEvent, type InputHTMLAttributes, type ReactNode, useId, useState } from 'react';
import { anything, type Result } from '../api/client.js';
import type { Schema } from '../api/paths.js';
import { useWords } from '../language/use-words.js';
import { useSite } from '../live/use-site.js';
import { Dialog } from './dialog.js';

/** A label, its field and the help below it, tied together for readers of every kind. */
export function Field({
  label,
  help,
  children,
}: {
  label: string;
  help?: ReactNode;
  children: (ids: { id: string; 'aria-describedby'?: string }) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(help === undefined ? { id } : { id, 'aria-describedby': `${id}-help` })}
      {help !== undefined && (
        <p className="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}

/** A field of one line; anything else that an input takes is handed on to it. */
export function TextField({
  label,
  help,
  onChange,
  ...input
}: {
  label: string;
  help?: ReactNode;
  value: string;
  onChange: (value: string) => void;
} & Omit<InputHTMLAttributes<HTMLInputElement>, 'id' | 'value' | 'onChange'>) {
  return (
    <Field label={label} {...(help === undefined ? {} : { help })}>
      {(ids) => <input {...ids} {...input} onChange={(event) => onChange(event.target.value)} />}
    </Field>
  );
}

/** Why somebody does what the journal keeps with their name. */
export function ReasonField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useWords();
  return (
    <Field label={t('reason')} help={t('reasonHelp')}>
      {(ids) => (
        <textarea
          {...ids}
          rows={2}
          maxLength={500}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export interface Act {
  readonly busy: boolean;
  /** What went wrong, in the reader's words; null while nothing did. */
  readonly wrong: string | null;
  say(wrong: string | null): void;
  run<T>(path: string, body: unknown, schema: Schema<T>): Promise<Result<T>>;
  /** True when it was done. */
  post(path: string, body: unknown): Promise<boolean>;
}

/** Something that a person does at the server: one at a time, its refusal in plain words. */
export function useAct(): Act {
  const { client } = useSite();
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const run: Act['run'] = async (path, body, schema) => {
    setBusy(true);
    setWrong(null);
    const result = await client.send(path, body, schema);
    setBusy(false);
    if (!result.ok) setWrong(words.fault(result.fault));
    return result;
  };
  return {
    busy,
    wrong,
    say: setWrong,
    run,
    post: async (path, body) => (await run(path, body, anything)).ok,
  };
}

/** Where a refusal is said; always there, so that it is read aloud when it fills. */
export function Wrong({ text }: { text: string | null }) {
  return (
    <p className="wrong" role="alert">
      {text}
    </p>
  );
}

/**
 * A question over the page that ends in one act: what to fill in, what went wrong, and the two ways out. The button of the
 * act stays in reach of the keyboard while it is under way and does nothing then.
 */
export function DialogForm({
  title,
  act,
  does,
  danger = false,
  onDo,
  onClose,
  children,
}: {
  title: string;
  act: Act;
  /** What the button says. */
  does: string;
  danger?: boolean;
  onDo: () => void | Promise<void>;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useWords();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!act.busy) void onDo();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} noValidate>
        {children}
        <Wrong text={act.wrong} />
        <div className="actions">
          <button
            type="submit"
            className={`button big ${danger ? 'danger' : 'primary'}`}
            aria-disabled={act.busy}
          >
            {does}
          </button>
          <button type="button" className="button big" onClick={onClose}>
            {t('cancel')}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** One of a few, each with what it means. */
export function RadioField<T extends string | number | boolean>({
  legend,
  name,
  options,
  value,
  onChange,
}: {
  legend: string;
  name: string;
  options: readonly { readonly value: T; readonly title: ReactNode; readonly means?: string }[];
  value: T | null;
  onChange: (value: T) => void;
}) {
  return (
    <fieldset className="field radios">
      <legend>{legend}</legend>
      {options.map((one) => (
        <label key={String(one.value)} className="radio">
          <input
            type="radio"
            name={name}
            checked={value === one.value}
            onChange={() => onChange(one.value)}
          />
          <span>
            {one.title}
            {one.means !== undefined && <small>{one.means}</small>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
