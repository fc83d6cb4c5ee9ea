import { type EquipmentView, mayRole, RIGHTS, type User } from '@selvedge/core/records';
import { ASK } from '../../api/paths.js';
import { useWords } from '../../language/use-words.js';
import { useLive, useSite, useStore } from '../../live/use-site.js';
import { Empty, Loaded } from '../../parts/empty.js';
import { ConnectorCard } from './connector-card.js';
import { Doubts } from './doubts.js';

/** Rows of the journal after which this view is asked for at once; values of tags change without any. */
const WANTED = new Set([
  ...['write-intended', 'write-ended', 'write-refused', 'write-seen', 'guard-mode'],
  ...['lease-signed', 'lease-ended', 'proposed', 'opening', 'part'],
]);

/** What is connected, what may be written to it and by whom, and what was. */
export function EquipmentPage() {
  const known = useLive(ASK.equipment, {
    ...{ everyMs: 1000, pollMs: 2000 },
    wants: ({ kind }) => WANTED.has(kind),
  });
  return <Loaded known={known}>{(view) => <Equipment view={view} />}</Loaded>;
}

/** What people call a station; its id until that is known. */
export type NameOf = (station: string) => string;

function Equipment({ view }: { view: EquipmentView }) {
  const { t, role } = useWords();
  const { value: session } = useStore(useSite().session);
  const line = useLive(ASK.line, { everyMs: 10_000, wants: () => false });
  const nameOf: NameOf = (id) => line.value?.stations.find((card) => card.id === id)?.name ?? id;
  const user: User | null = session?.user ?? null;
  if (view.connectors.length === 0)
    return (
      <Empty title={t('eqEmptyTitle')}>
        <p>{t('eqEmptyText')}</p>
      </Empty>
    );
  return (
    <div className="page equipment-page">
      <header className="page-head">
        <div>
          <h1>{t('eqTitle')}</h1>
          <p className="quiet-text">{t('eqText')}</p>
        </div>
      </header>
      <Doubts connectors={view.connectors} nameOf={nameOf} />
      {user !== null && !mayRole(user.role, 'sign') && (
        <p className="notice">{t('eqMayNotSign', { role: role(user.role), needed: role(RIGHTS.sign) })}</p>
      )}
      {view.connectors.map((connector) => (
        <ConnectorCard key={connector.id} connector={connector} nameOf={nameOf} user={user} />
      ))}
    </div>
  );
}
