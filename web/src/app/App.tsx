import { Suspense, lazy } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, Route, Switch, useLocation } from 'wouter'
import { LiveGuard } from '../features/live/LiveGuard'
import { buttonClass } from '../ui/Button'
import { Fallen } from './Fallen'
import { Header, Navigation } from './Frame'
import { Home } from './Home'
import { StoreBar } from './StoreBar'
import { UpdateBar } from './UpdateBar'

const EventsPage = lazy(() => import('../features/events/EventsPage'))
const BundlesPage = lazy(() => import('../features/bundles/BundlesPage'))
const InspectPage = lazy(() => import('../features/inspect/InspectPage'))
const LearnPage = lazy(() => import('../features/learn/LearnPage'))
const LocalPage = lazy(() => import('../features/local/LocalPage'))
const SettingsPage = lazy(() => import('../features/settings/SettingsPage'))
const NoticePage = lazy(() => import('../features/settings/NoticePage'))

export function App() {
  const { t } = useTranslation()
  const [place] = useLocation()
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-lg focus:bg-surface focus:p-3"
      >
        {t('app.skip')}
      </a>
      <Header />
      <UpdateBar />
      <StoreBar />
      <div className="flex grow">
        <Navigation />
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-[1400px] min-w-0 grow p-3 pb-24 outline-none md:p-5"
        >
          <Fallen key={place.split('/')[1]}>
            <Suspense fallback={<p role="status">{t('app.loading')}</p>}>
              <Switch>
                <Route path="/" component={Home} />
                <Route path="/events/:id?" component={EventsPage} />
                <Route path="/learn" component={LearnPage} />
                <Route path="/bundles" component={BundlesPage} />
                <Route path="/inspect" component={InspectPage} />
                <Route path="/local" component={LocalPage} />
                <Route path="/settings" component={SettingsPage} />
                <Route path="/settings/notice" component={NoticePage} />
                <Route component={NotFound} />
              </Switch>
            </Suspense>
          </Fallen>
        </main>
      </div>
      <LiveGuard />
    </div>
  )
}

function NotFound() {
  const { t } = useTranslation()
  return (
    <section className="card mx-auto max-w-xl p-6">
      <h1 className="mb-3 text-xl font-bold">{t('app.not_found')}</h1>
      <Link href="/" className={buttonClass('primary')}>
        {t('app.to_live')}
      </Link>
    </section>
  )
}
