import { Icon, MOON, SHIELD, SUN } from './icons.tsx';

export interface HeaderToolsProps {
  theme: 'light' | 'dark';
  onTheme: () => void;
  onDefender: () => void;
}

/** What stands at the end of a header: the colours, and Defender's panel where it isn't always there. */
export function HeaderTools({ theme, onTheme, onDefender }: HeaderToolsProps) {
  return (
    <>
      <button
        type="button"
        className="icon-button"
        aria-label={`Switch to ${theme === 'dark' ? 'light' : 'dark'} colours`}
        onClick={onTheme}
      >
        <Icon path={theme === 'dark' ? SUN : MOON} />
      </button>
      <button
        type="button"
        className="icon-button only-narrow defender-opener"
        data-opens="defender"
        onClick={onDefender}
      >
        <Icon path={SHIELD} /> Defender
      </button>
    </>
  );
}
