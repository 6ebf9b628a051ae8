const RADIUS = 42
const LENGTH = 2 * Math.PI * RADIUS

/** How far it is, as a ring around what is left. */
export function Ring({ part, text }: { part: number; text: string }) {
  return (
    <svg viewBox="0 0 100 100" className="size-28" aria-hidden>
      <circle cx={50} cy={50} r={RADIUS} fill="none" stroke="var(--line)" strokeWidth={8} />
      <circle
        cx={50}
        cy={50}
        r={RADIUS}
        fill="none"
        stroke="var(--accent)"
        strokeWidth={8}
        strokeLinecap="round"
        strokeDasharray={LENGTH}
        strokeDashoffset={LENGTH * (1 - part)}
        transform="rotate(-90 50 50)"
      />
      <text x={50} y={59} textAnchor="middle" fontSize={26} fill="var(--ink)">
        {text}
      </text>
    </svg>
  )
}
