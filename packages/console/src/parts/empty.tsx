import type { ReactNode } from 'react';
import type { Fault } from '../api/client.js';
import { useWords } from '../language/use-words.js';
import type { Known } from '../live/site.js';

/** Nothing is there yet, and what to do next. */
export function Empty({ title, children }: { title?: string; children?: ReactNode }) {
  return (
    <div className="empty">
      {title !== undefined && <h2>{title}</h2>}
      {children}
    </div>
  );
}

function FaultBox({ fault }: { fault: Fault }) {
  const words = useWords();
  return (
    <div className="empty" role="alert">
      <p>{words.fault(fault)}</p>
      {fault.kind === 'unread' && (
        <button type="button" className="button" onClick={() => location.reload()}>
          {words.t('reload')}
        </button>
      )}
    </div>
  );
}

/** Shows a value as soon as there is one; an old value stays while the server is away. */
export function Loaded<T>({ known, children }: { known: Known<T>; children: (value: T) => ReactNode }) {
  const { t } = useWords();
  if (known.value === null)
    return known.fault ? (
      <FaultBox fault={known.fault} />
    ) : (
      <p className="empty" role="status">
        {t('loading')}
      </p>
    );
  const stale = known.fault !== null && known.fault.kind !== 'unreached';
  return (
    <>
      {stale && known.fault && <FaultBox fault={known.fault} />}
      {children(known.value)}
    </>
  );
}
