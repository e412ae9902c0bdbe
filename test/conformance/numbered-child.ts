/** A process that numbers the names of a store and stops when all is written and only the commit is missing, for a test that kills it: `node numbered-child.js PATH`. */
import { openStore } from '../../src/store/open.ts';
import { ETHEREUM } from './feed.ts';

const store = await openStore({ path: process.argv[2] ?? '', memoryLimitMb: 200 });
await store.assignIds(ETHEREUM, {
  report: (stage, done, total) => {
    if (stage !== 'numbering' || done < total) return;
    console.log('numbered');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
