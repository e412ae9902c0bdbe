/**
 * What properties are drawn by where they do not say it themselves: the same on every run, so that a change is not refused for a fault it did not
 * make. HAETAE_SEED=N draws others, HAETAE_SEED=any new ones each time; `npm run test:any` does so.
 */
import fc from 'fast-check';

const given = process.env.HAETAE_SEED ?? '20261123';
if (given !== 'any') fc.configureGlobal({ seed: Number(given) });
