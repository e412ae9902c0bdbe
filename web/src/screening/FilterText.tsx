import { type ReactNode, useId } from 'react';

/** A filter's field: takes effect with Enter or when left. Of a time, `date` shows the day. */
export function FilterText({
  label,
  type,
  value,
  maxLength,
  hint,
  onChange,
}: {
  readonly label: string;
  readonly type: 'text' | 'date';
  readonly value: string;
  readonly maxLength: number;
  readonly hint?: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const id = useId();
  const commit = (input: HTMLInputElement): void => {
    if (input.value.trim() !== value) onChange(input.value.trim());
  };
  return (
    <div className="scr-filter">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type={type}
        defaultValue={type === 'date' ? value.slice(0, 10) : value}
        placeholder={hint}
        maxLength={maxLength}
        autoComplete="off"
        spellCheck={false}
        onBlur={(event) => commit(event.target)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit(event.currentTarget);
        }}
      />
    </div>
  );
}
