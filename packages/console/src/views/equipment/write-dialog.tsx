import { type User, writeWishSchema, writtenSchema } from '@selvedge/core/records';
import { useState } from 'react';
import { DO } from '../../api/paths.js';
import { useWords, type Words } from '../../language/use-words.js';
import { useSite } from '../../live/use-site.js';
import { DialogForm, Field, RadioField, ReasonField, TextField, useAct } from '../../parts/form.js';
import { signedOf } from '../../parts/numbers.js';
import type { NameOf } from './equipment-view.js';
import { whyInWords } from './held.js';
import { type Connector, OutcomeMark, QualityMark } from './marks.js';
import { valueInWords, withUnit } from './values.js';

type Rule = Connector['rules'][number];
type Value = NonNullable<Rule['stop']>;

/** The only values that may be written, or null where a number or a text is typed. */
const fixedOf = ({ safety, stop, values, limits, pattern }: Rule): readonly Value[] | null => {
  if (safety) return stop === null ? [] : [stop];
  if (limits !== null || pattern !== null) return null;
  return [...new Set([...(values ?? []), ...(stop === null ? [] : [stop])])];
};

/** What was typed as a value that the rule allows; else what is wrong with it, in words. */
export function typedValue(
  rule: Rule,
  { typed, held, unit }: { readonly typed: string; readonly held: unknown; readonly unit: string },
  words: Words,
): { readonly value: Value; readonly wrong: null } | { readonly value: null; readonly wrong: string } {
  const { t, format } = words;
  const { limits, pattern, maxStep, values, stop } = rule;
  const wrong = (text: string) => ({ value: null, wrong: text });
  const text = typed.trim();
  const listed = [...(values ?? []), ...(stop === null ? [] : [stop])].find((one) => String(one) === text);
  if (listed !== undefined) return { value: listed, wrong: null };
  if (limits === null) {
    const fits = pattern !== null && new RegExp(`^(?:${pattern})$`, 'u').test(text);
    return fits ? { value: text, wrong: null } : wrong(t('eqHandPattern', { pattern: rule.range }));
  }
  const value = signedOf(text);
  const [low, high] = limits;
  if (value === null) {
    if (pattern !== null && new RegExp(`^(?:${pattern})$`, 'u').test(text))
      return { value: text, wrong: null };
    return wrong(t('badNumber'));
  }
  if (value < low || value > high) {
    const range = t('eqLeaseBounds', { low: format.value(low), high: withUnit(high, unit, words) });
    return wrong(t('eqHandRange', { range }));
  }
  if (maxStep !== null && typeof held === 'number' && Math.abs(value - held) > maxStep * (1 + 1e-9))
    return wrong(
      t('eqHandStep', { step: withUnit(maxStep, unit, words), value: withUnit(held, unit, words) }),
    );
  return { value, wrong: null };
}

/** A person with the right writes one value to the equipment, within what the configuration allows. */
export function WriteDialog({
  connector,
  nameOf,
  user,
  onClose,
}: {
  connector: Connector;
  nameOf: NameOf;
  user: User;
  onClose: () => void;
}) {
  const words = useWords();
  const { t, format } = words;
  const site = useSite();
  const act = useAct();
  const [first] = connector.rules;
  const [target, setTarget] = useState(first?.target ?? '');
  const [station, setStation] = useState(first?.stations[0] ?? '');
  const [typed, setTyped] = useState('');
  const [picked, setPicked] = useState<Value | null>(null);
  const [reason, setReason] = useState('');
  const [told, setTold] = useState<Told | null>(null);
  const rule = connector.rules.find((one) => one.target === target) ?? first;
  if (rule === undefined) return null;
  const tag = connector.tags.find((one) => one.tag === rule.target);
  const unit = tag?.unit ?? '1';
  const fixed = fixedOf(rule);
  const pick = (next: string) => {
    setTarget(next);
    setStation(connector.rules.find((one) => one.target === next)?.stations[0] ?? '');
    setTyped('');
    setPicked(null);
    setTold(null);
    act.say(null);
  };
  const write = async () => {
    setTold(null);
    const chosen =
      fixed !== null
        ? { value: picked, wrong: picked === null ? t('eqHandPick') : null }
        : typedValue(rule, { typed, held: tag?.value, unit }, words);
    if (chosen.value === null) return act.say(chosen.wrong);
    const body = writeWishSchema.safeParse({ target, station, value: chosen.value, reason: reason.trim() });
    if (!body.success) return act.say(t('badReason'));
    const written = await act.run(DO.write(connector.id), body.data, writtenSchema);
    site.refresh();
    if (written.ok) setTold({ ...written.value, wanted: chosen.value });
  };
  return (
    <DialogForm
      title={t('eqHandTitle', { connector: connector.id })}
      act={act}
      does={t('eqHandDo', { name: user.name })}
      danger
      onDo={write}
      onClose={onClose}
    >
      <p>{t('eqHandText')}</p>
      {connector.mode !== 'act' && <p className="notice">{t('eqHandOff')}</p>}
      <Field label={t('eqHandTarget')}>
        {(ids) => (
          <select {...ids} value={target} onChange={(event) => pick(event.target.value)}>
            {connector.rules.map((one) => (
              <option key={one.target}>{one.target}</option>
            ))}
          </select>
        )}
      </Field>
      <p className="held-now">
        {t('eqHandHolds')} <b>{tag ? valueInWords(tag.value, unit, words) : '–'}</b>{' '}
        {tag && <QualityMark quality={tag.quality} />}
      </p>
      {rule.safety && <p className="rule-safety">{t('eqSafety')}</p>}
      {rule.stations.length > 1 && (
        <Field label={t('station')}>
          {(ids) => (
            <select {...ids} value={station} onChange={(event) => setStation(event.target.value)}>
              {rule.stations.map((one) => (
                <option key={one} value={one}>
                  {nameOf(one)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {fixed !== null ? (
        <RadioField
          legend={t('eqHandValue')}
          name="value"
          value={picked}
          onChange={setPicked}
          options={fixed.map((value) => ({
            value,
            title: <b>{valueInWords(value, unit, words)}</b>,
            ...(value === rule.stop ? { means: t('eqHandStop') } : {}),
          }))}
        />
      ) : (
        <TextField
          label={t('eqHandValue')}
          help={
            rule.limits === null ? (
              t('eqHandPattern', { pattern: rule.range })
            ) : (
              <>
                {t('eqLeaseLimits', {
                  range: t('eqLeaseBounds', {
                    low: format.value(rule.limits[0]),
                    high: withUnit(rule.limits[1], unit, words),
                  }),
                })}
                {rule.maxStep !== null && (
                  <> {t('eqLeaseStepLimit', { step: withUnit(rule.maxStep, unit, words) })}</>
                )}
              </>
            )
          }
          inputMode="text"
          autoComplete="off"
          value={typed}
          onChange={setTyped}
        />
      )}
      <ReasonField value={reason} onChange={setReason} />
      <div role="status" aria-live="polite">
        {told && <Outcome told={told} unit={unit} />}
      </div>
    </DialogForm>
  );
}

interface Told {
  readonly sent: boolean;
  readonly outcome: 'done' | 'refused' | 'unknown' | null;
  readonly why: string;
  readonly readBack: Value | null;
  readonly wanted: Value;
}

/** How it ended: what the equipment holds now, or why nothing was sent, or that somebody has to look. */
function Outcome({ told, unit }: { told: Told; unit: string }) {
  const words = useWords();
  const { t } = words;
  const { outcome, why, readBack, wanted } = told;
  const became = outcome ?? 'held';
  return (
    <div className={`told ${became === 'done' ? 'notice' : 'alarm'}`}>
      <p>
        <OutcomeMark write={{ outcome: became, why }} />
      </p>
      {became === 'done' && (
        <p>
          {readBack === null
            ? t('eqHandUnread', { value: valueInWords(wanted, unit, words) })
            : t('eqHandDone', { value: valueInWords(readBack, unit, words) })}
        </p>
      )}
      {became === 'unknown' && <p>{t('eqDoubtText')}</p>}
      {became !== 'done' && why !== '' && <p>{whyInWords(why, words)}</p>}
      {readBack !== null && became !== 'done' && (
        <p>{t('eqHandDone', { value: valueInWords(readBack, unit, words) })}</p>
      )}
    </div>
  );
}
