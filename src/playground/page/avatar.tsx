import type { Member } from './view.ts';

/** How many colours tokens.css has for people. */
const COLOURS = 6;

interface AvatarProps {
  member: Pick<Member, 'realName' | 'bot'>;
  size?: 'small' | 'normal' | 'round';
}

/** Initials on the person's colour; a shield for the bot. Decoration: the name always stands beside it. */
export function Avatar({ member, size = 'normal' }: AvatarProps) {
  if (member.bot) return <img className={`avatar avatar-${size}`} src="./icon.svg" alt="" />;
  const initials = member.realName
    .split(' ')
    .map((part) => part[0])
    .join('');
  return (
    <span className={`avatar avatar-${size}`} data-colour={colourOf(member.realName)} aria-hidden="true">
      {initials}
    </span>
  );
}

function colourOf(name: string): number {
  return [...name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 0) % COLOURS;
}
