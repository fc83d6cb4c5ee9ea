import type { ObservationView } from '@selvedge/core/records';
import { useWords } from '../language/use-words.js';
import { PlaceMap } from './observation.js';
import { extent, scale, tracePath } from './scale.js';

const HIGH = 60;
const WIDE = 100;

/**
 * What was seen of a unit, as small as a stamp: the picture, or one channel of the trace. Whoever wants to read it goes to
 * the unit; here it only shows how alike two units look.
 *
 * @param channel the channel that is compared
 */
export function Thumbnail({ view, unit, channel }: { view: ObservationView; unit: string; channel: number }) {
  const { t, format, said, word } = useWords();
  switch (view.kind) {
    case 'image':
      return <img className="stamp" src={view.href} alt={t('obsImage', { unit })} />;
    case 'pair':
      return (
        <Thumbnail view={view.image.kind === 'gone' ? view.series : view.image} {...{ unit, channel }} />
      );
    case 'map':
      return (
        <span className="stamp">
          <PlaceMap width={view.width} height={view.height} cells={view.cells} />
        </span>
      );
    case 'series': {
      const values = view.values[channel] ?? [];
      const of = view.channels[channel];
      const range = extent(values);
      if (of === undefined || range === null) return <span className="stamp" />;
      const label = t('obsSeries', {
        ...{ name: word(of.name), unit: word(of.unit), n: format.whole(values.length) },
        ...{ low: format.reading(range.low), high: format.reading(range.high) },
      });
      const pad = (range.high - range.low) * 0.08 || 1;
      const y = scale(range.low - pad, range.high + pad, HIGH, 0);
      return (
        <svg
          className="stamp"
          viewBox={`0 0 ${WIDE} ${HIGH}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={label}
        >
          <path d={tracePath(values, WIDE, y)} className="trace" vectorEffect="non-scaling-stroke" />
        </svg>
      );
    }
    case 'row': {
      const first = view.values.slice(0, 3).map((value) => (value === null ? '–' : format.reading(value)));
      return (
        <span className="stamp stamp-words">
          {first.join(' · ')}
          {view.values.length > 3 && ' …'}
        </span>
      );
    }
    case 'gone':
      return <span className="stamp stamp-words">{t('obsGone', { why: said(view.why) })}</span>;
  }
}
