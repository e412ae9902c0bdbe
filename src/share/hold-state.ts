export const TLP_MARKINGS = ['TLP:RED', 'TLP:AMBER+STRICT', 'TLP:AMBER', 'TLP:GREEN', 'TLP:CLEAR'] as const;
export type Tlp = (typeof TLP_MARKINGS)[number];

export const HOLD_STATES = ['draft', 'sent', 'acknowledged', 'refused', 'expired', 'withdrawn'] as const;
export type HoldState = (typeof HOLD_STATES)[number];
