import { Component, type ReactNode } from 'react';
import { WordsContext } from '../language/use-words.js';

/**
 * What keeps a view that broke from taking the page with it: most often the server was renewed meanwhile and the part
 * that was asked for now has another name. A class, as React has no other form of it.
 */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  static override contextType = WordsContext;
  declare context: React.ContextType<typeof WordsContext>;
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const { t } = this.context;
    return (
      <div className="empty" role="alert">
        <p>{t('viewBroken')}</p>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          {t('reload')}
        </button>
      </div>
    );
  }
}
