import i18next from 'i18next'
import { settingsEn } from '../../app/texts/settingsEn'
import { settingsJa } from '../../app/texts/settingsJa'

// They are many, and few people need them at once: they come with the screen, not with the page.
i18next.addResourceBundle('en', 'translation', { settings: settingsEn }, true)
i18next.addResourceBundle('ja', 'translation', { settings: settingsJa }, true)
