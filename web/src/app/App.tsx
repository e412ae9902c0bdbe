import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ToastProvider } from '../parts/toast.tsx';
import { queries } from '../server/queries.ts';
import { Pages } from './Pages.tsx';
import { SessionGate } from './SessionGate.tsx';
import { Shell } from './Shell.tsx';
import { SettingsProvider } from './settings.tsx';

export function App(): ReactNode {
  return (
    <SettingsProvider>
      <QueryClientProvider client={queries}>
        <ToastProvider>
          <SessionGate>
            <Shell>
              <Pages />
            </Shell>
          </SessionGate>
        </ToastProvider>
      </QueryClientProvider>
    </SettingsProvider>
  );
}
