// The diary of a tick on stderr: one record is one line, whatever the text holds (promise S14).

export interface LogFields {
  readonly repo?: string;
  readonly issue?: number;
  readonly thread?: string;
  readonly adapter?: string;
}

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
}
