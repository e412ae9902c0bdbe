import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { fetchAhead } from './app/Pages.tsx';
import './styles/theme.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/shell.css';

fetchAhead(window.location.pathname);
createRoot(document.getElementById('console')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
