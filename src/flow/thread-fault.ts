import { type ErrorCode, HaetaeError } from '../base/errors.ts';

/** A fault as it goes from one thread to another, which would lose all but its message. */
export interface ThreadFault {
  readonly code: ErrorCode | null;
  readonly message: string;
  readonly stack: string | undefined;
  readonly context: HaetaeError['context'];
  readonly remedy: string | undefined;
  readonly retry: boolean;
}

export function toThreadFault(error: unknown): ThreadFault {
  if (error instanceof HaetaeError) {
    const { code, message, context, remedy, retry, stack } = error;
    return { code, message, stack, context, remedy, retry };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { code: null, message, stack, context: {}, remedy: undefined, retry: false };
}

export function ofThreadFault({ code, message, stack, context, remedy, retry }: ThreadFault): Error {
  if (code === null) return Object.assign(new Error(message), { stack });
  return new HaetaeError(code, message, { context, retry, ...(remedy === undefined ? {} : { remedy }) });
}
