/** What a key asked for, to be done by the open alert. */
export type Wish = 'assign-me' | 'comment' | 'close' | 'hold' | null;
