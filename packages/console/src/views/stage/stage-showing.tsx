import type { StageShow } from '@selvedge/core/records';
import { useEffect, useRef } from 'react';
import { useWords, type Words } from '../../language/use-words.js';
import { StageChart } from './stage-chart.js';

type Cell = NonNullable<StageShow['table']>['rows'][number][number];

/** What came of a moment so far, beside the line that it happened to. */
export function StageShowing({
  show: { title, said, charts, table },
  called,
}: {
  show: StageShow;
  /** Somebody asked for it: it comes into sight. */
  called: boolean;
}) {
  const words = useWords();
  const { language, origin } = words;
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    if (called) place.current?.scrollIntoView({ block: 'start' });
  }, [called]);
  return (
    <section ref={place} className="stage-showing" aria-labelledby="stage-showing">
      <header className="section-head">
        <h2 id="stage-showing">{title[language]}</h2>
        <span className="origin origin-simulated">{origin('simulated')}</span>
      </header>
      {said.length > 0 && (
        <div className="stage-said">
          {said.map((text) => (
            <p key={text.en}>{text[language]}</p>
          ))}
        </div>
      )}
      {charts.length > 0 && (
        <div className="stage-charts">
          {charts.map((chart) => (
            <StageChart key={chart.title.en} chart={chart} />
          ))}
        </div>
      )}
      {table && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reached by keyboard
        <section className="stage-table" tabIndex={0} aria-label={title[language]}>
          <table className="table">
            <thead>
              <tr>
                {table.columns.map((column) => (
                  <th scope="col" key={column.en}>
                    {column[language]}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row, r) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own
                <tr key={r}>
                  {row.map((cell, c) => (
                    <td key={table.columns[c]?.en ?? c}>{textOf(cell, words)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </section>
  );
}

function textOf(cell: Cell, { format, language }: Words): string {
  if (cell === null) return '–';
  if (typeof cell === 'number') return format.reading(cell);
  return typeof cell === 'string' ? cell : cell[language];
}
