import { css } from '../audio/scale'

const RAMP = `linear-gradient(to right, ${[0, 32, 64, 96, 128, 160, 192, 224, 255].map(css).join(', ')})`

/** What the colours of a picture mean. */
export function Legend({ text, low, high }: { text: string; low: string; high: string }) {
  return (
    <span className="inline-flex items-center gap-1.5 text-[11px] whitespace-nowrap text-mute">
      <span className="sr-only">{text}</span>
      <span aria-hidden>{low}</span>
      <span
        className="h-2 w-16 rounded-sm border border-line"
        style={{ backgroundImage: RAMP }}
        aria-hidden
      />
      <span aria-hidden>{high}</span>
    </span>
  )
}
