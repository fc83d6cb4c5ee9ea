import { mayRole, modeWishSchema, reasonSchema, type User } from '@selvedge/core/records';
import { useId, useState } from 'react';
import { DO } from '../../api/paths.js';
import type { TextKey } from '../../language/texts.js';
import { useWords } from '../../language/use-words.js';
import { useSite } from '../../live/use-site.js';
import { DialogForm, RadioField, ReasonField, useAct } from '../../parts/form.js';
import type { NameOf } from './equipment-view.js';
import { type Connector, type Mode, ModeMark } from './marks.js';
import { withUnit } from './values.js';
import { WriteDialog } from './write-dialog.js';

const MODES = ['off', 'shadow', 'advise', 'act'] as const;
const NAME: Readonly<Record<Mode, TextKey>> = {
  ...{ off: 'eqModeOff', shadow: 'eqModeShadow', advise: 'eqModeAdvise', act: 'eqModeAct' },
};
const MEANS: Readonly<Record<Mode, TextKey>> = {
  ...{ off: 'eqMeansOff', shadow: 'eqMeansShadow', advise: 'eqMeansAdvise', act: 'eqMeansAct' },
};
const WILL: Readonly<Record<Mode, TextKey>> = {
  ...{ off: 'eqWillOff', shadow: 'eqWillShadow', advise: 'eqWillAdvise', act: 'eqWillAct' },
};
const DOES: Readonly<Record<Connector['rules'][number]['does'], TextKey>> = {
  'add-stop': 'eqDoesStop',
  ...{ dismiss: 'eqDoesDismiss', adjust: 'eqDoesAdjust', act: 'eqDoesAct' },
};

interface Props {
  readonly connector: Connector;
  readonly nameOf: NameOf;
  readonly user: User | null;
}

/** Whether anything is written at all, who said so and why, and what may be. */
export function Guard({ connector, nameOf, user }: Props) {
  const { t } = useWords();
  const id = useId();
  const [dialog, setDialog] = useState<'mode' | 'write' | null>(null);
  const close = () => setDialog(null);
  const { mode, modeBy, modeReason } = connector;
  return (
    <section aria-labelledby={id}>
      <div className="section-head">
        <h3 id={id}>{t('eqGuard')}</h3>
        <ModeMark mode={mode} />
      </div>
      <p>{t(MEANS[mode])}</p>
      <p className="quiet-text">
        {modeBy === null ? t('eqModeNever') : t('eqModeBy', { who: modeBy, reason: modeReason ?? '' })}
      </p>
      {user !== null && mayRole(user.role, 'sign') && (
        <button type="button" className="button" onClick={() => setDialog('mode')}>
          {t('eqModeChange')}
          <span className="unseen">: {connector.id}</span>
        </button>
      )}
      <h4>{t('eqRules')}</h4>
      {connector.rules.length === 0 ? (
        <p className="quiet-text">{t('eqRulesNone')}</p>
      ) : (
        <>
          <Rules connector={connector} nameOf={nameOf} />
          {user !== null && mayRole(user.role, 'configure') && (
            <button type="button" className="button" onClick={() => setDialog('write')}>
              {t('eqHand')}
              <span className="unseen">: {connector.id}</span>
            </button>
          )}
        </>
      )}
      {dialog === 'mode' && user !== null && (
        <ModeDialog connector={connector} nameOf={nameOf} user={user} onClose={close} />
      )}
      {dialog === 'write' && user !== null && (
        <WriteDialog connector={connector} nameOf={nameOf} user={user} onClose={close} />
      )}
    </section>
  );
}

function Rules({ connector, nameOf }: Omit<Props, 'user'>) {
  const words = useWords();
  const { t } = words;
  return (
    <ul className="rules">
      {connector.rules.map(({ target, does, safety, range, limits, maxStep, stations }) => {
        const unit = connector.tags.find(({ tag }) => tag === target)?.unit ?? '1';
        return (
          <li key={target}>
            <p>
              <b>{target}</b> {t(DOES[does])}
            </p>
            <p className="quiet-text">
              {limits === null ? (
                <code>{range}</code>
              ) : (
                t('eqLeaseBounds', {
                  low: words.format.value(limits[0]),
                  high: withUnit(limits[1], unit, words),
                })
              )}
              {maxStep !== null && <> · {t('eqAtATime', { step: withUnit(maxStep, unit, words) })}</>}
              {' · '}
              {t('eqFrom', { stations: stations.map(nameOf).join(', ') })}
            </p>
            {safety && <p className="rule-safety">{t('eqSafety')}</p>}
          </li>
        );
      })}
    </ul>
  );
}

/** A person says what the guard may do, told what follows before it does. */
function ModeDialog({
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
  const { t } = useWords();
  const site = useSite();
  const act = useAct();
  const [mode, setMode] = useState<Mode>(connector.mode);
  const [reason, setReason] = useState('');
  const change = async () => {
    if (mode === connector.mode) return act.say(t('eqModeSame'));
    const body = { mode, reason: reason.trim() };
    if (!reasonSchema.safeParse({ reason: body.reason }).success || !modeWishSchema.safeParse(body).success)
      return act.say(t('badReason'));
    if (!(await act.post(DO.mode(connector.id), body))) return;
    site.refresh();
    onClose();
  };
  return (
    <DialogForm
      title={t('eqModeTitle', { connector: connector.id })}
      act={act}
      does={t('eqModeDo', { mode: t(NAME[mode]), name: user.name })}
      danger={mode === 'act'}
      onDo={change}
      onClose={onClose}
    >
      <RadioField
        legend={t('eqModePick')}
        name="mode"
        value={mode}
        onChange={setMode}
        options={MODES.map((one) => ({
          value: one,
          title: (
            <>
              <b>{t(NAME[one])}</b>
              {one === connector.mode && <> ({t('eqModeNow')})</>}
            </>
          ),
          means: t(MEANS[one]),
        }))}
      />
      <div aria-live="polite">
        {mode !== connector.mode && (
          <div className={mode === 'act' ? 'alarm' : 'notice'}>
            <p>{t(WILL[mode], { connector: connector.id })}</p>
            {mode === 'act' && (
              <>
                <p>{t('eqWillTargets')}</p>
                <Rules connector={connector} nameOf={nameOf} />
              </>
            )}
          </div>
        )}
      </div>
      <ReasonField value={reason} onChange={setReason} />
    </DialogForm>
  );
}
