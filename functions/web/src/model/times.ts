const dayTime = new Intl.DateTimeFormat(undefined, {
  year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
});
const timeOnly = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** A local time to the millisecond; the day is left out when it is today. */
export function formatTime(microseconds: number, nowMilliseconds: number): string {
  const date = new Date(microseconds / 1e3);
  const isToday = date.toDateString() === new Date(nowMilliseconds).toDateString();
  return `${(isToday ? timeOnly : dayTime).format(date)}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** How long ago, in its largest unit. */
export function formatAgo(microseconds: number, nowMilliseconds: number): string {
  const seconds = Math.round(nowMilliseconds / 1e3 - microseconds / 1e6);
  if (seconds < -1) return `${count(-seconds)} ahead`;
  return seconds < 2 ? 'just now' : `${count(seconds)} ago`;
}

/** A local time in the form that `<input type="datetime-local">` takes. */
export function toLocalInput(microseconds: number): string {
  const date = new Date(microseconds / 1e3);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Microseconds of what `<input type="datetime-local">` gives, or null when it is empty. */
export function fromLocalInput(text: string): number | null {
  const milliseconds = new Date(text).getTime();
  return Number.isNaN(milliseconds) ? null : milliseconds * 1e3;
}

function count(seconds: number): string {
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}
