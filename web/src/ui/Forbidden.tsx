import { Lock } from 'lucide-react'
import { useTranslation } from 'react-i18next'

interface Props {
  what: 'needs_listen' | 'needs_admin' | 'no_allowing' | 'no_sound' | 'no_file' | 'no_inspecting'
}

/** What the key that this page was opened with may not do, said before anybody tries. */
export function Forbidden({ what }: Props) {
  const { t } = useTranslation()
  return (
    <p className="flex items-start gap-2 text-sm text-mute" data-testid="forbidden">
      <Lock size={16} className="mt-0.5 shrink-0" aria-hidden />
      {t(`scope.${what}`)}
    </p>
  )
}
