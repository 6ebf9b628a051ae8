/** How far something is; where that is not known, it says only that it goes on. */
export function Bar({ label, part }: { label: string; part: number | null }) {
  const percent = part === null ? undefined : Math.round(100 * part)
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      className="h-2.5 w-full overflow-hidden rounded-full bg-raised"
    >
      <div
        className={`h-full rounded-full bg-accent transition-[width] ${part === null ? 'w-1/4 motion-safe:animate-pulse' : ''}`}
        style={percent === undefined ? undefined : { width: `${percent}%` }}
      />
    </div>
  )
}
