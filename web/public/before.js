// Before any other script: the policy of the page lets nothing be made into code, and the library of schemas would try once on every page.
globalThis.__zod_globalConfig = { jitless: true };
