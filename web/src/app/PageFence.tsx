import { Component, type ReactNode } from 'react';
import { Fault } from '../parts/state.tsx';

/** A page that fails leaves the rest of the console standing; another page is tried afresh. */
export class PageFence extends Component<{ readonly children: ReactNode }, { readonly fault: unknown }> {
  override state = { fault: null as unknown };
  #path = window.location.pathname;

  static getDerivedStateFromError(fault: unknown): { fault: unknown } {
    return { fault };
  }

  override componentDidUpdate(): void {
    if (window.location.pathname === this.#path) return;
    this.#path = window.location.pathname;
    if (this.state.fault !== null) this.setState({ fault: null });
  }

  override render(): ReactNode {
    return this.state.fault === null ? this.props.children : <Fault error={this.state.fault} />;
  }
}
