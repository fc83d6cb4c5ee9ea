import './strict.js';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { openSite } from './live/site.js';
import { SiteContext } from './live/use-site.js';

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <StrictMode>
      <SiteContext value={openSite()}>
        <App />
      </SiteContext>
    </StrictMode>,
  );
