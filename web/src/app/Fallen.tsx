import { Component, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/Button'

/** A screen that fails does not take listening down with it. */
export class Fallen extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    return this.state.hasFailed ? <Told /> : this.props.children
  }
}

function Told() {
  const { t } = useTranslation()
  return (
    <section role="alert" className="card mx-auto flex max-w-xl flex-col items-start gap-3 p-6">
      <p>{t('app.crashed')}</p>
      <Button
        look="primary"
        onClick={() => {
          location.reload()
        }}
      >
        {t('app.reload')}
      </Button>
    </section>
  )
}
