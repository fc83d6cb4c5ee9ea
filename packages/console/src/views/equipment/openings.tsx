import type { OpeningView } from '@selvedge/core/records';
import { useId } from 'react';
import type { TextKey } from '../../language/texts.js';
import { useWords } from '../../language/use-words.js';
import { Meter } from '../../parts/meter.js';
import type { NameOf } from './equipment-view.js';
import { StepMark } from './marks.js';

const MEANS: Readonly<Record<OpeningView['step'], TextKey>> = {
  ...{ SHADOW: 'eqStepMeansShadow', TRIAL: 'eqStepMeansTrial', OPEN: 'eqStepMeansOpen' },
};

/** How far the gate of each setting is, with both counts and what each still needs. */
export function Openings({ openings, nameOf }: { openings: readonly OpeningView[]; nameOf: NameOf }) {
  const { t } = useWords();
  const id = useId();
  if (openings.length === 0) return null;
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{t('eqOpenings')}</h3>
      <ul className="openings">
        {openings.map((opening) => (
          <Opening
            key={`${opening.station} ${opening.target}`}
            opening={opening}
            station={nameOf(opening.station)}
          />
        ))}
      </ul>
    </section>
  );
}

function Opening({ opening, station }: { opening: OpeningView; station: string }) {
  const { t, format } = useWords();
  const { step, agreed, better, out, needs, alpha } = opening;
  const count = ({ k, n }: { k: number; n: number }) => ({ k: format.whole(k), n: format.whole(n) });
  const left = (n: number, key: TextKey): string =>
    n === 0 ? t('eqProved') : t(key, { n: format.whole(n) });
  return (
    <li>
      <div className="lease-head">
        <p>
          <b>{opening.target}</b> · {station}
        </p>
        <StepMark step={step} />
      </div>
      <p>{t(MEANS[step])}</p>
      {step === 'SHADOW' && agreed.n > 0 && (
        <Meter label={t('eqAgreed')} value={agreed.k} most={agreed.n} text={t('eqAgreedOf', count(agreed))} />
      )}
      <Meter
        label={t('eqBetter')}
        value={better.n}
        most={better.n + needs.pairs}
        text={`${t('eqPairsOf', count(better))} · ${left(needs.pairs, 'eqNeedsPairs')}`}
      />
      <Meter
        label={t('eqOut')}
        value={out.n}
        most={out.n + needs.outcomes}
        text={`${t('eqUnitsOf', count(out))} · ${left(needs.outcomes, 'eqNeedsUnits')}`}
      />
      <p className="quiet-text">
        {out.n === 0
          ? t('eqUpperNone', { alpha: format.percent(alpha) })
          : t('eqUpper', {
              upper: format.percent(opening.outUpper, 'up'),
              alpha: format.percent(alpha),
            })}{' '}
        {t('eqConfidence', { confidence: format.percent(opening.confidence) })}
      </p>
    </li>
  );
}
