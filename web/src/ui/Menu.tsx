import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'

const ITEM =
  'flex min-h-10 cursor-pointer items-center gap-2 rounded-lg px-3 text-sm outline-none data-highlighted:bg-raised data-[state=checked]:text-accent'

export function Menu({ trigger, children }: { trigger: ReactNode; children: ReactNode }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="card z-50 max-w-[90vw] min-w-52 border-edge p-1.5"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

export function MenuItem({ onSelect, children }: { onSelect: () => void; children: ReactNode }) {
  return (
    <DropdownMenu.Item className={ITEM} onSelect={onSelect}>
      {children}
    </DropdownMenu.Item>
  )
}

interface Choice<Value extends string> {
  label: string
  value: Value | null
  options: readonly (readonly [Value, string])[]
  onChange: (value: Value) => void
}

export function MenuChoice<Value extends string>({ label, value, options, onChange }: Choice<Value>) {
  return (
    <DropdownMenu.RadioGroup
      aria-label={label}
      value={value ?? ''}
      onValueChange={(name) => {
        onChange(name as Value)
      }}
    >
      <DropdownMenu.Label className="px-3 pt-2 pb-1 text-xs text-mute">{label}</DropdownMenu.Label>
      {options.map(([name, text]) => (
        <DropdownMenu.RadioItem key={name} value={name} className={ITEM}>
          <span className="flex size-4 items-center justify-center rounded-full border border-edge">
            <DropdownMenu.ItemIndicator className="size-2 rounded-full bg-accent" />
          </span>
          {text}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}

export function MenuCheck(props: { isOn: boolean; onChange: (isOn: boolean) => void; children: ReactNode }) {
  return (
    <DropdownMenu.CheckboxItem className={ITEM} checked={props.isOn} onCheckedChange={props.onChange}>
      <span className="flex size-4 items-center justify-center rounded border border-edge">
        <DropdownMenu.ItemIndicator className="size-2 rounded-sm bg-accent" />
      </span>
      {props.children}
    </DropdownMenu.CheckboxItem>
  )
}

export function MenuNote({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Label className="max-w-72 px-3 py-1.5 text-xs text-mute">{children}</DropdownMenu.Label>
  )
}

export function MenuLine() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />
}
