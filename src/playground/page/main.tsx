import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import 'slack-blocks-to-jsx/dist/style.css';
import './styles/tokens.css';
import './styles/layout.css';
import './styles/messages.css';
import './styles/composer.css';
import './styles/modal.css';
import './styles/defender.css';
import './styles/teams-tokens.css';
import './styles/teams.css';
import './styles/teams-cards.css';
import { App } from './app.tsx';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
