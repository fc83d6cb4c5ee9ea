import { type LeaseView, mayRole, type User } from '@selvedge/core/records';
import { useId, useState } from 'react';
import { DO } from '../../api/paths.js';
import { useWords } from '../../language/use-words.js';
import { useNow, useSite } from '../../live/use-site.js';
import { useAct, Wrong } from '../../parts/form.js';
import type { NameOf } from './equipment-view.js';
import { LeaseDialog } from './lease-dialog.js';
import type { Connector } from './marks.js';
import { clockOf, withUnit } from './values.js';

/** Who lets a model change which setting, within what and for how long. Anybody at the line can end it. */
export function Leases({
  connector,
  nameOf,
  user,
}: {
  connector: Connector;
  nameOf: NameOf;
  user: User | null;
}) {
  const { t } = useWords();
  const id = useId();
  const [signing, setSigning] = useState(false);
  const leasable = connector.rules.some(({ does, safety }) => does === 'adjust' && !safety);
  return (
    <section aria-labelledby={id}>
      <h3 id={id} tabIndex={-1}>
        {t('eqLeases')}
      </h3>
      {connector.leases.length === 0 && (
        <p className="quiet-text">{t(leasable ? 'eqLeasesNone' : 'eqLeaseNoTarget')}</p>
      )}
      {connector.leases.length > 0 && connector.mode !== 'act' && <p className="notice">{t('eqLeaseOff')}</p>}
      <ul className="leases">
        {connector.leases.map((lease) => (
          <Lease
            key={lease.lease}
            lease={lease}
            unit={connector.tags.find(({ tag }) => tag === lease.target)?.unit ?? '1'}
            station={nameOf(lease.station)}
            mayEnd={user !== null && mayRole(user.role, 'answer')}
          />
        ))}
      </ul>
      {leasable && user !== null && mayRole(user.role, 'sign') && (
        <button type="button" className="button" onClick={() => setSigning(true)}>
          {t('eqLeaseSign')}
          <span className="unseen">: {connector.id}</span>
        </button>
      )}
      {signing && user !== null && (
        <LeaseDialog connector={connector} nameOf={nameOf} user={user} onClose={() => setSigning(false)} />
      )}
    </section>
  );
}

function Lease({
  lease,
  unit,
  station,
  mayEnd,
}: {
  lease: LeaseView;
  unit: string;
  station: string;
  mayEnd: boolean;
}) {
  const words = useWords();
  const { t, format } = words;
  const site = useSite();
  const act = useAct();
  const now = useNow(1000);
  const left = lease.untilMs - now;
  const [low, high] = lease.bounds;
  const end = async (button: HTMLElement) => {
    if (act.busy || !(await act.post(DO.endLease(lease.lease), {}))) return;
    // The button goes with its lease; whoever works by keyboard goes on at the heading.
    button.closest('section')?.querySelector('h3')?.focus();
    site.refresh();
  };
  return (
    <li>
      <div className="lease-head">
        <p>
          <b>{lease.target}</b> · {station}
        </p>
        {mayEnd && (
          <button
            type="button"
            className="button danger"
            aria-disabled={act.busy}
            onClick={(event) => void end(event.currentTarget)}
          >
            {t('eqLeaseEnd')}
            <span className="unseen">: {lease.target}</span>
          </button>
        )}
      </div>
      <p className="lease-bounds">
        {t('eqLeaseBounds', { low: format.value(low), high: withUnit(high, unit, words) })}
      </p>
      <p>
        {t('eqAtATime', { step: withUnit(lease.maxStep, unit, words) })} ·{' '}
        {t('eqLeaseBack', { value: withUnit(lease.rollBack, unit, words) })}
      </p>
      <p role="timer" className="lease-left">
        {left > 0 ? t('eqLeaseLeft', { time: clockOf(left) }) : t('eqLeaseOver')}
      </p>
      <progress
        aria-hidden="true"
        value={Math.max(0, left)}
        max={Math.max(1, lease.untilMs - lease.fromMs)}
      />
      {lease.suspended && <p className="notice">{t('eqLeaseSuspended')}</p>}
      <p className="quiet-text">{t('eqLeaseBy', { who: lease.user, reason: lease.reason })}</p>
      <Wrong text={act.wrong} />
    </li>
  );
}
