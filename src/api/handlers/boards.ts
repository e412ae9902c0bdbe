import { HaetaeError } from '../../base/errors.ts';
import type { BoardBook } from '../../screen/board-book.ts';
import type { Store } from '../../store/port.ts';
import type { Handlers } from '../route.ts';
import type { boardRoutes } from '../routes/boards.ts';

export interface BoardParts {
  readonly boards: BoardBook;
  readonly store: Pick<Store, 'cases'>;
}

export function boardHandlers({ boards, store }: BoardParts): Handlers<typeof boardRoutes> {
  const requireCase = async (id: string): Promise<void> => {
    if ((await store.cases()).some((each) => each.id === id)) return;
    throw new HaetaeError('E_NOT_FOUND', 'no such traced case', { context: { case: id } });
  };
  return {
    getCaseBoard: async ({ params }) => {
      await requireCase(params.id);
      return boards.get(params.id);
    },
    saveCaseBoard: async ({ params, body: { version, ...content }, principal, at }) => {
      await requireCase(params.id);
      return boards.save(params.id, content, { principal, at, expected: version });
    },
  };
}
