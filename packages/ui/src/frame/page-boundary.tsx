import { Component, type ReactNode } from 'react';
import { Failure } from '../components/states.tsx';

/** A page that breaks leaves the frame standing, and says what broke. */
export class PageBoundary extends Component<
  { readonly children: ReactNode },
  { error: Error | undefined }
> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error ? (
      <Failure error={error} onRetry={() => this.setState({ error: undefined })} />
    ) : (
      this.props.children
    );
  }
}
