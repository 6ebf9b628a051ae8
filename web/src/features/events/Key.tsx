/** The key beside what it does; where there is no keyboard, it is not shown. */
export function Key({ name }: { name: string }) {
  return (
    <kbd className="rounded border border-edge px-1.5 font-sans text-xs text-mute max-md:hidden" aria-hidden>
      {name}
    </kbd>
  )
}
