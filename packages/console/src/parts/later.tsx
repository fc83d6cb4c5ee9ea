import { type ComponentType, type ReactNode, useEffect, useState } from 'react';
import { Empty } from './empty.js';

/** Code that is fetched once. */
interface Part<P> {
  readonly load: () => Promise<ComponentType<P>>;
  found: ComponentType<P> | null;
}

/**
 * A view whose code comes when it is asked for. React's own `lazy` leaves what it shows meanwhile on the screen for 300 ms
 * at least; here the view is there as soon as its code is. A failure is thrown where the view would stand.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): (props: P) => ReactNode {
  const part: Part<P> = { load, found: null };
  return (props) => <Later part={part} props={props} />;
}

function Later<P extends object>({ part, props }: { part: Part<P>; props: P }): ReactNode {
  const [failure, setFailure] = useState<{ readonly why: unknown } | null>(null);
  const [, draw] = useState(false);
  useEffect(() => {
    if (part.found !== null) return;
    let watched = true;
    part.load().then(
      (view) => {
        part.found = view;
        if (watched) draw(true);
      },
      (why: unknown) => {
        if (watched) setFailure({ why });
      },
    );
    return () => {
      watched = false;
    };
  }, [part]);
  if (failure !== null) throw failure.why;
  const View = part.found;
  return View === null ? <Empty /> : <View {...props} />;
}
