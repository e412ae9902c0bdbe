import type { ComponentType, ReactNode } from 'react';
import { Link, Route, Switch } from 'wouter';
import { partOfPath } from '../format/paths.ts';
import { shellWords } from '../messages/shell.ts';
import { type Later, later, useLoaded } from '../parts/later.ts';
import { Empty, Loading } from '../parts/state.tsx';
import { PageFence } from './PageFence.tsx';
import { useWords } from './settings.tsx';

const overview = later(() => import('../overview/OverviewPage.tsx'));
const cases = later(() => import('../case/CasesPage.tsx'));
const oneCase = later(() => import('../case/CasePage.tsx'));
const screening = later(() => import('../screening/ScreenPage.tsx'));
const alerts = later(() => import('../screening/AlertsPage.tsx'));
const verdict = later(() => import('../screening/VerdictPage.tsx'));
const rules = later(() => import('../screening/RulesPage.tsx'));
const holds = later(() => import('../screening/HoldsPage.tsx'));
const approvals = later(() => import('../screening/ApprovalsPage.tsx'));
const audit = later(() => import('../screening/AuditPage.tsx'));
const deskCase = later(() => import('../screening/DeskCasePage.tsx'));
const search = later(() => import('../search/SearchPage.tsx'));
const address = later(() => import('../search/AddressPage.tsx'));
const transaction = later(() => import('../search/TransactionPage.tsx'));
const entities = later(() => import('../entities/EntitiesPage.tsx'));
const namedEntity = later(() => import('../entities/NamedEntityPage.tsx'));
const entity = later(() => import('../entities/EntityPage.tsx'));
const settings = later(() => import('../settings/SettingsPage.tsx'));

const BY_FIRST_PART: Readonly<Record<string, Later<unknown>>> = {
  '': overview,
  cases: oneCase,
  screening,
  alerts,
  verdicts: verdict,
  rules,
  holds,
  addresses: address,
  entities,
  search,
};

/** The page that is wanted is fetched while the server is asked who is there. */
export function fetchAhead(path: string): void {
  BY_FIRST_PART[path.split('/')[1] ?? '']?.load().catch(() => {
    // Whoever shows the page says so.
  });
}

/** Every page by its path. A part of a path is read by `partOfPath`. A key of its own lets each page begin afresh. */
export function Pages(): ReactNode {
  const words = useWords(shellWords);
  return (
    <PageFence>
      <Switch>
        <Route path="/">{() => shown('overview', overview, {})}</Route>
        <Route path="/cases">{() => shown('cases', cases, {})}</Route>
        <Route path="/cases/:id">{({ id }) => shown(`case ${id}`, oneCase, { id: partOfPath(id) })}</Route>
        <Route path="/screening">{() => shown('screening', screening, {})}</Route>
        <Route path="/alerts">{() => shown('alerts', alerts, { id: null })}</Route>
        <Route path="/alerts/:id">{({ id }) => shown('alerts', alerts, { id: partOfPath(id) })}</Route>
        <Route path="/verdicts/:id">{({ id }) => shown(`verdict ${id}`, verdict, { id: partOfPath(id) })}</Route>
        <Route path="/rules">{() => shown('rules', rules, {})}</Route>
        <Route path="/holds">{() => shown('holds', holds, { id: null })}</Route>
        <Route path="/holds/:id">{({ id }) => shown('holds', holds, { id: partOfPath(id) })}</Route>
        <Route path="/approvals">{() => shown('approvals', approvals, {})}</Route>
        <Route path="/audit">{() => shown('audit', audit, {})}</Route>
        <Route path="/desk-cases/:id">{({ id }) => shown(`desk case ${id}`, deskCase, { id: partOfPath(id) })}</Route>
        <Route path="/search">{() => shown('search', search, {})}</Route>
        <Route path="/addresses/:chain/:address">
          {(at) => shown('address', address, { chain: partOfPath(at.chain), address: partOfPath(at.address) })}
        </Route>
        <Route path="/transactions/:chain/:tx">
          {({ chain, tx }) => shown('transaction', transaction, { chain: partOfPath(chain), tx: partOfPath(tx) })}
        </Route>
        <Route path="/entities">{() => shown('entities', entities, {})}</Route>
        <Route path="/entities/named/:name">
          {({ name }) => shown(`entity ${name}`, namedEntity, { name: partOfPath(name) })}
        </Route>
        <Route path="/entities/of/:chain/:address">
          {(at) => shown('entity', entity, { chain: partOfPath(at.chain), address: partOfPath(at.address) })}
        </Route>
        <Route path="/settings">{() => shown('settings', settings, {})}</Route>
        <Route>
          <h1>{words.noSuchPage}</h1>
          <Empty>
            <Link href="/">{words.places.overview}</Link>
          </Empty>
        </Route>
      </Switch>
    </PageFence>
  );
}

interface PageModule<Given extends object> {
  readonly default: ComponentType<Given>;
}

function shown<Given extends object>(key: string, page: Later<PageModule<Given>>, given: Given): ReactNode {
  return <Shown key={key} page={page} given={given} />;
}

function Shown<Given extends object>({
  page,
  given,
}: {
  readonly page: Later<PageModule<Given>>;
  readonly given: Given;
}): ReactNode {
  const loaded = useLoaded(page);
  if (loaded === null) return <Loading />;
  const { default: Page } = loaded;
  return <Page {...given} />;
}
