import { lazy, type ReactNode, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { partOfPath } from '../format/paths.ts';
import { shellWords } from '../messages/shell.ts';
import { Empty, Loading } from '../parts/state.tsx';
import { PageFence } from './PageFence.tsx';
import { useWords } from './settings.tsx';

const OverviewPage = lazy(() => import('../overview/OverviewPage.tsx'));
const CasesPage = lazy(() => import('../case/CasesPage.tsx'));
const CasePage = lazy(() => import('../case/CasePage.tsx'));
const ScreenPage = lazy(() => import('../screening/ScreenPage.tsx'));
const AlertsPage = lazy(() => import('../screening/AlertsPage.tsx'));
const VerdictPage = lazy(() => import('../screening/VerdictPage.tsx'));
const RulesPage = lazy(() => import('../screening/RulesPage.tsx'));
const HoldsPage = lazy(() => import('../screening/HoldsPage.tsx'));
const ApprovalsPage = lazy(() => import('../screening/ApprovalsPage.tsx'));
const AuditPage = lazy(() => import('../screening/AuditPage.tsx'));
const DeskCasePage = lazy(() => import('../screening/DeskCasePage.tsx'));
const SearchPage = lazy(() => import('../search/SearchPage.tsx'));
const AddressPage = lazy(() => import('../search/AddressPage.tsx'));
const TransactionPage = lazy(() => import('../search/TransactionPage.tsx'));
const EntitiesPage = lazy(() => import('../entities/EntitiesPage.tsx'));
const NamedEntityPage = lazy(() => import('../entities/NamedEntityPage.tsx'));
const EntityPage = lazy(() => import('../entities/EntityPage.tsx'));
const SettingsPage = lazy(() => import('../settings/SettingsPage.tsx'));

/** Every page by its path. Values in a path are percent-encoded; wouter decodes them once. */
export function Pages(): ReactNode {
  const words = useWords(shellWords);
  return (
    <PageFence>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/" component={OverviewPage} />
          <Route path="/cases" component={CasesPage} />
          <Route path="/cases/:id">{({ id }) => <CasePage id={partOfPath(id)} key={id} />}</Route>
          <Route path="/screening" component={ScreenPage} />
          <Route path="/alerts">{() => <AlertsPage id={null} />}</Route>
          <Route path="/alerts/:id">{({ id }) => <AlertsPage id={partOfPath(id)} />}</Route>
          <Route path="/verdicts/:id">{({ id }) => <VerdictPage id={partOfPath(id)} key={id} />}</Route>
          <Route path="/rules" component={RulesPage} />
          <Route path="/holds">{() => <HoldsPage id={null} />}</Route>
          <Route path="/holds/:id">{({ id }) => <HoldsPage id={partOfPath(id)} />}</Route>
          <Route path="/approvals" component={ApprovalsPage} />
          <Route path="/audit" component={AuditPage} />
          <Route path="/desk-cases/:id">{({ id }) => <DeskCasePage id={partOfPath(id)} key={id} />}</Route>
          <Route path="/search" component={SearchPage} />
          <Route path="/addresses/:chain/:address">
            {({ chain, address }) => <AddressPage chain={partOfPath(chain)} address={partOfPath(address)} />}
          </Route>
          <Route path="/transactions/:chain/:tx">
            {({ chain, tx }) => <TransactionPage chain={partOfPath(chain)} tx={partOfPath(tx)} />}
          </Route>
          <Route path="/entities" component={EntitiesPage} />
          <Route path="/entities/named/:name">
            {({ name }) => <NamedEntityPage name={partOfPath(name)} key={name} />}
          </Route>
          <Route path="/entities/of/:chain/:address">
            {({ chain, address }) => <EntityPage chain={partOfPath(chain)} address={partOfPath(address)} />}
          </Route>
          <Route path="/settings" component={SettingsPage} />
          <Route>
            <Empty>{words.noSuchPage}</Empty>
          </Route>
        </Switch>
      </Suspense>
    </PageFence>
  );
}
