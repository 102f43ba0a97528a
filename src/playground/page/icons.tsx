interface IconProps {
  /** The outline, in a box of 20 by 20. */
  path: string;
  size?: number;
}

/** A drawing that says nothing to a screen reader: its button has the words. */
export function Icon({ path, size = 18 }: IconProps) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

export const EYE =
  'M2 10s3-5.5 8-5.500S18 10 18 10s-3 5.5-8 5.500S2 10 2 10zM10 12.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z';
export const CLOSE = 'M5 5l10 10M15 5L5 15';
export const SEND = 'M3 10h13M11 5l5 5-5 5';
export const SUN =
  'M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.300l1.4 1.400M14.3 14.300l1.4 1.400M4.3 15.700l1.4-1.400M14.3 5.700l1.4-1.4';
export const MOON = 'M16.5 12A7 7 0 0 1 8 3.5 7 7 0 1 0 16.5 12z';
export const SHIELD = 'M10 2.500l6.5 2.300v5c0 4-2.7 6.6-6.5 7.9-3.8-1.3-6.5-3.9-6.5-7.900v-5z';
export const LOCK = 'M5.5 9h9v7.500h-9zM7.3 9V6.500a2.7 2.7 0 0 1 5.4 0V9';

export const HOURGLASS =
  'M5 2.5h10M5 17.5h10M6.5 2.5v3.2c0 1.6 3.5 3 3.5 4.3 0-1.3 3.5-2.7 3.5-4.3V2.5M6.5 17.5v-3.2c0-1.6 3.5-3 3.5-4.3 0 1.3 3.5 2.7 3.5 4.3v3.2';
export const BOLT = 'M11 2L4 11.500h5L8.500 18 16 8.500h-5.500z';
export const CHAT = 'M3.5 4.500h13v9h-8l-3.500 3v-3h-1.500z';
export const HOUSE = 'M3 9.500L10 3.500l7 6M5 8.500v8h10v-8M8.500 16.500v-4.500h3v4.500';
export const PEOPLE =
  'M7.5 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.500c0-3 2.300-5 5.500-5s5.500 2 5.500 5M13 4a3 3 0 0 1 0 5.500M15 12c1.900.7 3 2.300 3 4.500';
export const REPLY = 'M8 5L3.500 9.500 8 14M3.500 9.500h8c3 0 5 2 5 5';
