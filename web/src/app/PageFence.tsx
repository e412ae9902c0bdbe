import { Component, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { Fault } from '../parts/state.tsx';

interface FenceProps {
  readonly path: string;
  readonly children: ReactNode;
}

interface FenceState {
  readonly fault: unknown;
  readonly path: string;
}

/** A page that fails leaves the rest of the console standing; another page is tried afresh. */
export function PageFence({ children }: { readonly children: ReactNode }): ReactNode {
  // What stands around re-renders nothing in here when the path changes.
  const [path] = useLocation();
  return <Fence path={path}>{children}</Fence>;
}

class Fence extends Component<FenceProps, FenceState> {
  override state: FenceState = { fault: null, path: this.props.path };

  static getDerivedStateFromError(fault: unknown): Partial<FenceState> {
    return { fault };
  }

  static getDerivedStateFromProps({ path }: FenceProps, state: FenceState): FenceState | null {
    return path === state.path ? null : { fault: null, path };
  }

  override render(): ReactNode {
    return this.state.fault === null ? this.props.children : <Fault error={this.state.fault} />;
  }
}
