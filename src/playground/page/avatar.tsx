import type { Member } from './view.ts';

/** How many colours tokens.css has for people. */
const COLOURS = 6;

interface AvatarProps {
  member: Member;
  size?: 'small' | 'normal';
}

/** Initials on the person's colour; a shield for the bot. Decoration: the name always stands beside it. */
export function Avatar({ member, size = 'normal' }: AvatarProps) {
  if (member.bot) return <img className={`avatar avatar-${size}`} src="./icon.svg" alt="" />;
  const initials = member.realName
    .split(' ')
    .map((part) => part[0])
    .join('');
  return (
    <span className={`avatar avatar-${size}`} data-colour={colourOf(member.id)} aria-hidden="true">
      {initials}
    </span>
  );
}

function colourOf(id: string): number {
  return [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS;
}
