import { useRemembered } from './remember.ts';
import { useMedia } from './use-media.ts';

/** What the page shows: one platform, or both side by side. */
export type Platform = 'slack' | 'teams' | 'both';

const NAMES: Record<Platform, string> = { slack: 'Slack', teams: 'Teams', both: 'Both' };

/** Where two panes have room beside each other; the widths are those of layout.css. */
const ROOM_FOR_BOTH = '(min-width: 1400px)';
const ROOM_FOR_ALL = '(min-width: 1700px)';

/** The platform that this tab shows, and those it could show. Both at first where all of the page has room. */
export function usePlatform(): { platform: Platform; choices: Platform[]; setPlatform: (next: Platform) => void } {
  const roomy = useMedia(ROOM_FOR_BOTH);
  const initial = useMedia(ROOM_FOR_ALL) ? 'both' : 'slack';
  const [chosen, setPlatform] = useRemembered('platform', '', 'tab');
  const choices: Platform[] = roomy ? ['slack', 'teams', 'both'] : ['slack', 'teams'];
  return { platform: choices.find((one) => one === chosen) ?? initial, choices, setPlatform };
}

interface PlatformSwitchProps {
  platform: Platform;
  choices: Platform[];
  /** Those with something new that isn't on the screen. */
  news: Set<Platform>;
  onChoose: (next: Platform) => void;
}

/** Slack or Teams, as on two screens of the same people. */
export function PlatformSwitch({ platform, choices, news, onChoose }: PlatformSwitchProps) {
  return (
    <fieldset className="platforms">
      <legend className="sr-only">Platform</legend>
      {choices.map((one) => (
        <label key={one} className={one === platform ? 'platform platform-on' : 'platform'} data-news={news.has(one)}>
          <input
            type="radio"
            name="platform"
            className="sr-only"
            checked={one === platform}
            onChange={() => onChoose(one)}
          />
          {NAMES[one]}
          {news.has(one) && <span className="sr-only">, something new</span>}
        </label>
      ))}
    </fieldset>
  );
}
