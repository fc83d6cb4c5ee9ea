import { useId, useState } from 'react';
import { useWords } from '../../language/use-words.js';
import { useNow } from '../../live/use-site.js';
import { TextField } from '../../parts/form.js';
import { sentence } from '../../parts/sentence.js';
import { type Connector, QualityMark } from './marks.js';
import { valueInWords } from './values.js';

/** More tags than that are shown when they are asked for: equipment may have thousands. */
const AT_ONCE = 15;

/** What the equipment says: each tag's value, how far it can be trusted, and how old it is. */
export function Tags({ tags }: { tags: Connector['tags'] }) {
  const { t, format } = useWords();
  const id = useId();
  const [wanted, setWanted] = useState('');
  const [all, setAll] = useState(false);
  const now = useNow(1000);
  const found = tags.filter(({ tag }) => tag.toLowerCase().includes(wanted.trim().toLowerCase()));
  const shown = all ? found : found.slice(0, AT_ONCE);
  return (
    <section aria-labelledby={id}>
      <h3 id={id}>{t('eqTags')}</h3>
      {tags.length > AT_ONCE && (
        <TextField label={t('eqTagFind')} type="search" value={wanted} onChange={setWanted} />
      )}
      {found.length === 0 ? (
        <p className="quiet-text">{t('eqTagNothing')}</p>
      ) : (
        <table className="table tags">
          <thead>
            <tr>
              <th scope="col">{t('eqTag')}</th>
              <th scope="col">{t('eqValue')}</th>
              <th scope="col">{t('eqQuality')}</th>
              <th scope="col">{t('eqAge')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((tag) => (
              <Tag key={tag.tag} tag={tag} now={now} />
            ))}
          </tbody>
        </table>
      )}
      {shown.length < found.length && (
        <button type="button" className="button" onClick={() => setAll(true)}>
          {t('eqMore', { n: format.whole(found.length) })}
          <span className="unseen">: {t('eqTags')}</span>
        </button>
      )}
    </section>
  );
}

function Tag({ tag, now }: { tag: Connector['tags'][number]; now: number }) {
  const words = useWords();
  const { t, format, said } = words;
  const age = tag.atMs === null ? '–' : format.duration(Math.max(0, now - tag.atMs));
  return (
    <tr>
      <th scope="row">
        {tag.tag}
        {tag.writable && <small> {t('eqTagWritable')}</small>}
      </th>
      <td>
        {tag.size === null
          ? valueInWords(tag.value, tag.unit, words)
          : t('eqTagList', { n: format.whole(tag.size) })}
      </td>
      <td>
        <QualityMark quality={tag.quality} />
        {tag.quality !== 'good' && tag.status !== null && <small> {sentence(said(tag.status))}</small>}
        {tag.atMs !== null && <small className="age-narrow">{age}</small>}
      </td>
      <td>{age}</td>
    </tr>
  );
}
