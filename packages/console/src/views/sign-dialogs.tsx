import { type Contract, reasonSchema, type StationCard, signSchema, type User } from '@selvedge/core/records';
import { useState } from 'react';
import { DO } from '../api/paths.js';
import { useWords } from '../language/use-words.js';
import { DialogForm, Field, RadioField, ReasonField, TextField, useAct } from '../parts/form.js';
import { fromPercent, inWords, numberOf } from '../parts/numbers.js';

/** A person says which risk a gate may take, with every number explained as it is typed. */
export function SignDialog({
  station,
  user,
  onClose,
  onDone,
}: {
  station: StationCard;
  user: User;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t, format } = useWords();
  const act = useAct();
  const { budget } = station;
  const shown = (share: number) => String(Number((share * 100).toPrecision(6)));
  const [escapes, setEscapes] = useState(shown(budget?.escapeRate ?? 0.005));
  const [overkill, setOverkill] = useState(shown(budget?.overkillRate ?? 0));
  const [confidence, setConfidence] = useState(shown(budget?.confidence ?? 0.95));
  const [contract, setContract] = useState<Contract>(budget?.contract ?? 'per-unit');
  const proposed = station.evidence.planned ?? station.proposedUnits;
  const [planned, setPlanned] = useState(proposed === null ? '' : String(proposed));
  const [reason, setReason] = useState('');
  const per = t(contract === 'per-unit' ? 'perUnit' : 'perPass');
  const [escapeRate, overkillRate, sure] = [escapes, overkill, confidence].map(fromPercent);
  const risk = (rate: number | null | undefined) => {
    if (rate === null || rate === undefined || !(rate > 0) || rate >= 1) return null;
    const { bad, units } = inWords(rate);
    return { bad: format.reading(bad), units: format.whole(units), per };
  };
  const escapeWords = risk(escapeRate);
  const overkills = risk(overkillRate);
  const sign = async () => {
    const body = {
      escapeRate,
      overkillRate,
      confidence: sure,
      contract,
      plannedUnits: planned.trim() === '' ? null : numberOf(planned),
      reason: reason.trim(),
    };
    const good = signSchema.safeParse(body);
    if (!good.success) {
      act.say(reasonSchema.safeParse({ reason: body.reason }).success ? t('badNumber') : t('badReason'));
      return;
    }
    if (await act.post(DO.sign(station.id), good.data)) onDone();
  };
  const number = (value: string, onChange: (value: string) => void) => (ids: object) => (
    <input {...ids} inputMode="decimal" value={value} onChange={(event) => onChange(event.target.value)} />
  );
  return (
    <DialogForm
      title={`${t('signTitle')}: ${station.name}`}
      act={act}
      does={t('signDo', { name: user.name })}
      onDo={sign}
      onClose={onClose}
    >
      <p>{t('signText')}</p>
      <Field label={t('signEscape')} help={escapeWords ? t('signEscapeMeans', escapeWords) : ' '}>
        {number(escapes, setEscapes)}
      </Field>
      <Field
        label={t('signOverkill')}
        help={overkills ? t('signOverkillMeans', overkills) : t('signOverkillZero')}
      >
        {number(overkill, setOverkill)}
      </Field>
      <Field
        label={t('signConfidence')}
        help={
          sure !== null && sure !== undefined && sure > 0.5 && sure < 1
            ? t('signConfidenceMeans', { n: format.whole(1 / (1 - sure)) })
            : ' '
        }
      >
        {number(confidence, setConfidence)}
      </Field>
      <RadioField
        legend={t('signContract')}
        name="contract"
        value={contract}
        onChange={setContract}
        options={(['per-unit', 'per-pass'] as const).map((one) => ({
          value: one,
          title: <b>{t(one === 'per-unit' ? 'perUnit' : 'perPass')}</b>,
          means: t(one === 'per-unit' ? 'signContractUnit' : 'signContractPass'),
        }))}
      />
      <TextField
        label={t('signPlanned')}
        help={t('signPlannedMeans')}
        inputMode="numeric"
        value={planned}
        onChange={setPlanned}
      />
      <ReasonField value={reason} onChange={setReason} />
    </DialogForm>
  );
}

/** Closing a gate or beginning anew: one sentence of what follows, and why. */
export function ReasonDialog({
  station,
  what,
  onClose,
  onDone,
}: {
  station: string;
  what: 'close' | 'epoch';
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useWords();
  const act = useAct();
  const [reason, setReason] = useState('');
  const closing = what === 'close';
  const go = async () => {
    const body = reasonSchema.safeParse({ reason: reason.trim() });
    if (!body.success) {
      act.say(t('badReason'));
      return;
    }
    if (await act.post(closing ? DO.close(station) : DO.newEpoch(station), body.data)) onDone();
  };
  return (
    <DialogForm
      title={t(closing ? 'closeTitle' : 'epochTitle')}
      act={act}
      does={t(closing ? 'closeDo' : 'epochDo')}
      danger={closing}
      onDo={go}
      onClose={onClose}
    >
      <p>{t(closing ? 'closeText' : 'epochText')}</p>
      <ReasonField value={reason} onChange={setReason} />
    </DialogForm>
  );
}
