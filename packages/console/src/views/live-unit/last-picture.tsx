import { useEffect, useRef, useState } from 'react';
import { ASK } from '../../api/paths.js';
import { decodePicture } from '../../ask/observations.js';
import { useWords } from '../../language/use-words.js';
import { useSite } from '../../live/use-site.js';

/** A picture changes no oftener than this, ms: nobody takes in more. */
const EVERY_MS = 1500;

interface Shown {
  readonly unit: string;
  readonly href: string;
}

/** The picture of the newest finished unit; nothing where units have none. The one before stays until the next is there. */
export function LastPicture({ unit }: { unit: string | null }) {
  const { client } = useSite();
  const { t } = useWords();
  const [shown, setShown] = useState<Shown | null>(null);
  const newest = useRef(unit);
  newest.current = unit;
  const wants = unit !== null;
  useEffect(() => {
    if (!wants) return;
    let left = false;
    let had: string | null = null;
    const look = async () => {
      const now = newest.current;
      if (now === null || now === had) return;
      had = now;
      const result = await client.get(ASK.observation(now));
      if (left || !result.ok) return;
      const picture = result.value.kind === 'pair' ? result.value.image : result.value;
      if (picture.kind !== 'image') return;
      await decodePicture(picture.href).catch(() => undefined);
      if (!left) setShown({ unit: now, href: picture.href });
    };
    void look();
    const id = setInterval(() => void look(), EVERY_MS);
    return () => {
      left = true;
      clearInterval(id);
    };
  }, [client, wants]);
  if (shown === null) return null;
  return (
    <figure className="live-picture">
      <figcaption>{t('liveLast', { unit: shown.unit })}</figcaption>
      <img src={shown.href} alt={t('liveLastPicture', { unit: shown.unit })} />
    </figure>
  );
}
