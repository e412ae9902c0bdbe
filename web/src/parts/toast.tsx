import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

interface Toast {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 4000;
const MOST = 4;
const Context = createContext<(text: string) => void>(() => {});

/** Short notices at the foot of the page, read out by a screen reader. */
export function ToastProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const show = useCallback((text: string) => {
    const id = performance.now() + Math.random();
    setToasts((now) => [...now.slice(1 - MOST), { id, text }]);
    setTimeout(() => setToasts((now) => now.filter((toast) => toast.id !== id)), SHOWN_MS);
  }, []);
  return (
    <Context value={show}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map(({ id, text }) => (
          <p key={id}>{text}</p>
        ))}
      </div>
    </Context>
  );
}

/** Shows a notice. */
export function useToast(): (text: string) => void {
  return useContext(Context);
}
