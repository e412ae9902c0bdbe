import { type ReactNode, useId } from 'react';

/** A button that chooses a file; the same file can be chosen twice. */
export function FilePick({
  label,
  accept,
  onFile,
}: {
  readonly label: string;
  readonly accept: string;
  readonly onFile: (file: File) => void;
}): ReactNode {
  const id = useId();
  return (
    <span className="scr-file-pick">
      <input
        id={id}
        type="file"
        className="unseen"
        accept={accept}
        onChange={(event) => {
          const [file] = event.target.files ?? [];
          if (file !== undefined) onFile(file);
          event.target.value = '';
        }}
      />
      <label htmlFor={id}>{label}</label>
    </span>
  );
}
