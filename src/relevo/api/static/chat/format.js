/** Dates, durations, amounts and numbers, as the current language writes them. */

import { locale, t } from "./language.js";

export const clockTime = (at) => date(at, { hour: "numeric", minute: "2-digit" });

/** "Today", "Yesterday" or the full day. */
export function dayName(at, now = new Date()) {
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (dayKey(at) === dayKey(now)) return t("today");
  if (dayKey(at) === dayKey(yesterday)) return t("yesterday");
  const sameYear = new Date(at).getFullYear() === now.getFullYear();
  return date(at, { weekday: "long", day: "numeric", month: "long", year: sameYear ? undefined : "numeric" });
}

/** The calendar day where the person is, as YYYY-M-D. */
export function dayKey(at) {
  const day = new Date(at);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}

export const fullTime = (at) => date(at, { dateStyle: "full", timeStyle: "short" });

export function number(value, digits = 0) {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value ?? 0);
}

export function milliseconds(value) {
  const ms = value ?? 0;
  return ms >= 1000 ? `${number(ms / 1000, 2)} s` : `${number(ms, ms < 10 ? 1 : 0)} ms`;
}

/** US dollars; a model call costs fractions of a cent, so six decimals are shown where they count. */
export function dollars(value) {
  const amount = Number(value ?? 0);
  return `$${amount.toFixed(amount > 0 && amount < 0.01 ? 6 : 2)}`;
}

export const percent = (share) => `${number((share ?? 0) * 100)} %`;

function date(at, options) {
  return new Intl.DateTimeFormat(locale(), options).format(new Date(at));
}
