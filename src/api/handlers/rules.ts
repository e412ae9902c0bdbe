import type { RuleSetEntry } from '../../screen/rule-book.ts';
import type { RuleDesk } from '../../screen/rule-desk.ts';
import { readRules } from '../../screen/rule-file.ts';
import type { Handlers } from '../route.ts';
import type { ruleRoutes } from '../routes/rules.ts';

export function ruleHandlers(desk: RuleDesk): Handlers<typeof ruleRoutes> {
  return {
    listRules: () => ({ items: desk.list().map(viewOf) }),
    getRules: async ({ params }) => {
      const { entry, set } = await desk.get(params.hash);
      const rules = set.rules.map((rule) => ({ ...rule, source: { ...rule.source }, when: { ...rule.when } }));
      return { entry: viewOf(entry), text: set.text, rules };
    },
    loadRules: async ({ body, principal }) => {
      const file = body.file ?? 'rules';
      if (body.dry === true) {
        const { hash, name, rules } = readRules(body.text, file);
        return { hash, name, rules: rules.length, entry: null };
      }
      const entry = await desk.load(body.text, file, principal);
      return { hash: entry.hash, name: entry.name, rules: entry.rules, entry: viewOf(entry) };
    },
    activateRules: async ({ params, principal }) => {
      const { state, approval, rules } = await desk.activate(params.hash, principal);
      return { state, approval, rules: viewOf(rules) };
    },
    backTestRules: async ({ body, signal }) => {
      const { hash, text, from, until, limit } = body;
      const query = {
        ...(hash === undefined ? {} : { hash }),
        ...(text === undefined ? {} : { text }),
        ...(from === undefined ? {} : { from: Date.parse(from) }),
        ...(until === undefined ? {} : { until: Date.parse(until) }),
        ...(limit === undefined ? {} : { limit }),
      };
      const found = await desk.backTest(query, signal);
      return found as Changeable<typeof found>;
    },
  };
}

type Changeable<Value> = Value extends readonly (infer Item)[]
  ? Changeable<Item>[]
  : Value extends object
    ? { -readonly [Key in keyof Value]: Changeable<Value[Key]> }
    : Value;

function viewOf({ hash, name, rules, loadedAt, loadedBy, active }: RuleSetEntry) {
  return {
    hash,
    name,
    rules,
    loadedAt: new Date(loadedAt).toISOString(),
    loadedBy,
    active: active === null ? null : { at: new Date(active.at).toISOString(), by: active.by },
  };
}
