// The page: an owner connects a CRM, sees what comes of it, and mends it.
import './base.ts'
import './styles/main.css'
import { render } from 'preact'
import { watchConnection } from '#web/app/connection.ts'
import { takeAddress } from '#web/app/open-session.ts'
import { Page } from '#web/app/page.tsx'
import { readPageData } from '#web/app/page-data.ts'
import { startRouter } from '#web/app/router.ts'

const address = takeAddress()
const root = document.querySelector('#page')
if (root) {
  startRouter()
  watchConnection()
  root.replaceChildren()
  render(<Page address={address} page={readPageData()} />, root)
}
