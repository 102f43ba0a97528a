import { useEffect, useState } from 'react';
import { useRemembered } from './remember.ts';

export type Theme = 'light' | 'dark';

/** The system's theme until somebody chooses one. */
export function useTheme(): { theme: Theme; toggle: () => void } {
  const [chosen, setChosen] = useRemembered('theme', '');
  const [system, setSystem] = useState<Theme>(() => (query().matches ? 'dark' : 'light'));
  useEffect(() => {
    const dark = query();
    const changed = (): void => setSystem(dark.matches ? 'dark' : 'light');
    dark.addEventListener('change', changed);
    return () => dark.removeEventListener('change', changed);
  }, []);
  const theme: Theme = chosen === 'light' || chosen === 'dark' ? chosen : system;
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  return { theme, toggle: () => setChosen(theme === 'dark' ? 'light' : 'dark') };
}

const query = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');
