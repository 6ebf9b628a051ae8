import { ticksOf } from '../audio/scale'
import { useFormat } from './format'

/** Width of the axes at the left of pictures and scores, so that they stand one over the other. */
export const GUTTER_PX = 52

/** Frequencies beside a picture of sound. */
export function HertzAxis({ heightOf }: { heightOf: (hz: number) => number }) {
  const format = useFormat()
  return (
    <div
      className="relative shrink-0 text-[11px] leading-none text-mute"
      style={{ width: GUTTER_PX }}
      aria-hidden
    >
      {ticksOf(heightOf).map(({ hz, height }) => (
        <span
          key={hz}
          className="absolute right-2 -translate-y-1/2 whitespace-nowrap"
          style={{ top: `${Math.min(96, Math.max(4, 100 * (1 - height)))}%` }}
        >
          {format.hz(hz)}
        </span>
      ))}
    </div>
  )
}
