import { useEffect } from 'react';
import { useRemembered } from './remember.ts';
import { useMedia } from './use-media.ts';

export type Theme = 'light' | 'dark';

/** The system's theme until somebody chooses one. */
export function useTheme(): { theme: Theme; toggle: () => void } {
  const [chosen, setChosen] = useRemembered('theme', '');
  const system = useMedia('(prefers-color-scheme: dark)') ? 'dark' : 'light';
  const theme: Theme = chosen === 'light' || chosen === 'dark' ? chosen : system;
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return { theme, toggle: () => setChosen(theme === 'dark' ? 'light' : 'dark') };
}
