interface Props<Value extends string> {
  label: string
  value: Value
  options: readonly (readonly [Value, string])[]
  onChange: (value: Value) => void
  isLabelShown?: boolean
}

/** The browser's own list: it works with every keyboard, screen reader and phone. */
export function Select<Value extends string>({
  label,
  value,
  options,
  onChange,
  isLabelShown = false,
}: Props<Value>) {
  return (
    <label className="inline-flex min-w-0 items-center gap-2 text-sm">
      <span className={isLabelShown ? 'text-mute' : 'sr-only'}>{label}</span>
      <select
        className="min-h-10 min-w-0 rounded-[10px] border border-edge bg-surface px-2 py-1.5 text-ink"
        value={value}
        onChange={({ target }) => {
          onChange(target.value as Value)
        }}
      >
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}
