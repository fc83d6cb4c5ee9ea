import { leaseViewSchema, leaseWishSchema, type User } from '@selvedge/core/records';
import { useState } from 'react';
import { DO } from '../../api/paths.js';
import { useWords } from '../../language/use-words.js';
import { useNow, useSite } from '../../live/use-site.js';
import { DialogForm, Field, ReasonField, TextField, useAct } from '../../parts/form.js';
import { signedOf } from '../../parts/numbers.js';
import { sentence } from '../../parts/sentence.js';
import type { NameOf } from './equipment-view.js';
import type { Connector } from './marks.js';
import { valueInWords, withUnit } from './values.js';

type Rule = Connector['rules'][number];

const HOUR_MS = 3_600_000;

/** What stands in the fields for a setting that was picked: as far as its rule goes, back to what it holds now. */
function proposedFor(rule: Rule, connector: Connector) {
  const [low, high] = rule.limits ?? [null, null];
  const held = connector.tags.find(({ tag }) => tag === rule.target)?.value ?? null;
  const inside = typeof held === 'number' && low !== null && held >= low && held <= high;
  const text = (value: number | null): string => (value === null ? '' : String(value));
  return {
    target: rule.target,
    station: rule.stations[0] ?? '',
    ...{ low: text(low), high: text(high), step: text(rule.maxStep) },
    rollBack: inside ? String(held) : '',
  };
}

/** A person lets a model change one setting for some hours; what the configuration allows stands beside each field. */
export function LeaseDialog({
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
  const rules = connector.rules.filter(({ does, safety }) => does === 'adjust' && !safety);
  const first = rules[0];
  if (first === undefined) return null;
  return <LeaseForm {...{ connector, nameOf, user, onClose, rules, first }} />;
}

function LeaseForm({
  connector,
  nameOf,
  user,
  onClose,
  rules,
  first,
}: {
  connector: Connector;
  nameOf: NameOf;
  user: User;
  onClose: () => void;
  rules: readonly Rule[];
  first: Rule;
}) {
  const words = useWords();
  const { t, said, format } = words;
  const site = useSite();
  const act = useAct();
  const now = useNow(10_000);
  const [of, setOf] = useState(() => proposedFor(first, connector));
  const [hours, setHours] = useState('8');
  const [every, setEvery] = useState('0');
  const [reason, setReason] = useState('');
  const [faults, setFaults] = useState<readonly string[]>([]);
  const rule = rules.find(({ target }) => target === of.target) ?? first;
  const tag = connector.tags.find((one) => one.tag === rule.target);
  const unit = tag?.unit ?? '1';
  const lasts = signedOf(hours);
  const labels: Readonly<Record<string, string>> = {
    ...{ maxStep: t('eqLeaseStep'), hours: t('eqLeaseHours'), minIntervalMs: t('eqLeaseEvery') },
    ...{ rollBack: t('eqLeaseRollBack'), bounds: `${t('eqLeaseLow')}, ${t('eqLeaseHigh')}` },
    reason: t('reason'),
  };
  const sign = async () => {
    setFaults([]);
    const seconds = signedOf(every);
    const body = leaseWishSchema.safeParse({
      ...{ target: of.target, station: of.station, bounds: [signedOf(of.low), signedOf(of.high)] },
      ...{ maxStep: signedOf(of.step), hours: lasts, rollBack: signedOf(of.rollBack) },
      minIntervalMs: seconds === null ? null : seconds * 1000,
      reason: reason.trim(),
    });
    if (!body.success) {
      const fields = [...new Set(body.error.issues.map(({ path }) => String(path[0])))];
      setFaults(
        fields.map(
          (field) => `${labels[field] ?? field}: ${t(field === 'reason' ? 'badReason' : 'badNumber')}`,
        ),
      );
      return;
    }
    const signed = await act.run(DO.lease(connector.id), body.data, leaseViewSchema);
    if (signed.ok) {
      site.refresh();
      onClose();
    } else if (signed.fault.code === 'lease') {
      act.say(null);
      setFaults(signed.fault.message.split('; ').map((fault) => sentence(said(fault))));
    }
  };
  const set = (field: keyof typeof of) => (value: string) => setOf({ ...of, [field]: value });
  const pick = (target: string) => {
    const picked = rules.find((one) => one.target === target);
    if (picked) setOf(proposedFor(picked, connector));
  };
  const limits = rule.limits && {
    range: t('eqLeaseBounds', {
      low: format.value(rule.limits[0]),
      high: withUnit(rule.limits[1], unit, words),
    }),
  };
  return (
    <DialogForm
      title={t('eqLeaseSign')}
      act={act}
      does={t('signDo', { name: user.name })}
      onDo={sign}
      onClose={onClose}
    >
      <p>
        {t('eqLeaseText')} {t('eqLeaseTrial')}
      </p>
      {connector.mode !== 'act' && <p className="notice">{t('eqLeaseOff')}</p>}
      <Field label={t('eqLeaseTarget')}>
        {(ids) => (
          <select {...ids} value={of.target} onChange={(event) => pick(event.target.value)}>
            {rules.map(({ target }) => (
              <option key={target}>{target}</option>
            ))}
          </select>
        )}
      </Field>
      {connector.leases.some(({ target }) => target === of.target) && (
        <p className="notice">{t('eqLeaseReplaces')}</p>
      )}
      <Field label={t('station')}>
        {(ids) => (
          <select {...ids} value={of.station} onChange={(event) => set('station')(event.target.value)}>
            {rule.stations.map((station) => (
              <option key={station} value={station}>
                {nameOf(station)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div className="pair-fields">
        <TextField label={t('eqLeaseLow')} inputMode="text" value={of.low} onChange={set('low')} />
        <TextField label={t('eqLeaseHigh')} inputMode="text" value={of.high} onChange={set('high')} />
        {limits && <p className="help">{t('eqLeaseLimits', limits)}</p>}
      </div>
      <TextField
        label={t('eqLeaseStep')}
        help={
          rule.maxStep === null ? ' ' : t('eqLeaseStepLimit', { step: withUnit(rule.maxStep, unit, words) })
        }
        inputMode="decimal"
        value={of.step}
        onChange={set('step')}
      />
      <TextField
        label={t('eqLeaseRollBack')}
        help={t('eqLeaseHolds', { value: valueInWords(tag?.value ?? null, unit, words) })}
        inputMode="text"
        value={of.rollBack}
        onChange={set('rollBack')}
      />
      <div className="pair-fields">
        <TextField label={t('eqLeaseHours')} inputMode="decimal" value={hours} onChange={setHours} />
        <TextField label={t('eqLeaseEvery')} inputMode="decimal" value={every} onChange={setEvery} />
        <p className="help">
          {lasts !== null && lasts > 0 && lasts <= 24
            ? t('eqLeaseUntil', { when: format.moment(now + lasts * HOUR_MS) })
            : t('eqLeaseHoursHelp')}
        </p>
      </div>
      <ReasonField value={reason} onChange={setReason} />
      <div className="wrong" role="alert">
        {faults.length > 0 && (
          <>
            <p>{t('eqLeaseFaults')}</p>
            <ul className="faults">
              {faults.map((fault) => (
                <li key={fault}>{fault}</li>
              ))}
            </ul>
          </>
        )}
      </div>
    </DialogForm>
  );
}
