import { HaetaeError } from '../../base/errors.ts';
import { CHAINS } from '../../model/chain.ts';
import { PRESETS } from '../../source/file/preset.ts';
import { METHODS } from '../../taint/engine.ts';
import type { JobDesk } from '../jobs/job-desk.ts';
import type { Handlers } from '../route.ts';
import type { jobRoutes } from '../routes/jobs.ts';

/** `desk` null: a server that runs no jobs, which says so. */
export function jobHandlers(desk: JobDesk | null): Handlers<typeof jobRoutes> {
  const required = (): JobDesk => {
    if (desk !== null) return desk;
    throw new HaetaeError('E_STATE', 'this server runs no jobs', {
      remedy: 'start it with haetae serve, or run the command on the command line',
    });
  };
  return {
    startJob: ({ body, principal, at }) => required().start(body, { principal, at }),
    listJobs: () => ({ items: desk?.list() ?? [] }),
    getJob: ({ params }) => {
      if (desk !== null) return desk.get(params.id);
      throw new HaetaeError('E_NOT_FOUND', 'no such job', { context: { job: params.id } });
    },
    cancelJob: ({ params, principal }) => required().cancel(params.id, principal),
    getJobOptions: () => ({
      presets: PRESETS.map(({ name, description }) => ({ id: name, title: description })),
      chains: CHAINS.map(({ id, name, native, simulated }) => ({ id, name, symbol: native.symbol, simulated })),
      sources: [...(desk?.sources.endpoints ?? [])],
      methods: Object.keys(METHODS),
    }),
    beginUpload: ({ body, principal, at }) => required().uploads.begin(body, at, principal.person),
    cancelUpload: async ({ params, principal }) => {
      await required().uploads.giveUp(params.id, principal);
      return undefined;
    },
    sendUploadPiece: ({ params, query, body, at }) => required().uploads.add(params.id, query.offset, body.base64, at),
  };
}
