/** Says that nothing here is current, while it isn't. */
export function Offline({ online }: { online: boolean }) {
  if (online) return null;
  return (
    <p className="offline" role="alert">
      The playground can’t be reached; trying again. Is it still running?
    </p>
  );
}
