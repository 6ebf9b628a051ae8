import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'

type Look = 'primary' | 'plain' | 'quiet'

const LOOKS: Record<Look, string> = {
  primary: 'bg-accent text-on-accent border-accent font-semibold hover:opacity-90',
  plain: 'bg-surface text-ink border-line hover:bg-raised',
  quiet: 'bg-transparent text-ink border-transparent hover:bg-raised',
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look
  icon?: ReactNode
  ref?: Ref<HTMLButtonElement>
}

export function buttonClass(look: Look = 'plain', extra = ''): string {
  return `inline-flex min-h-10 items-center justify-center gap-2 rounded-[10px] border px-3 py-1.5 text-sm whitespace-nowrap no-underline transition-colors disabled:cursor-not-allowed disabled:opacity-50 aria-pressed:border-accent aria-pressed:text-accent data-[state=open]:bg-raised ${LOOKS[look]} ${extra}`
}

export function Button({ look = 'plain', icon, className = '', children, ...rest }: Props) {
  return (
    <button type="button" className={buttonClass(look, className)} {...rest}>
      {icon}
      {children}
    </button>
  )
}
