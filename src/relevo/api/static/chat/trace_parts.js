/** Small building blocks of the trace drawer: titled blocks, pairs, bars, cards and readable values. */

import { el } from "./dom.js";
import { number } from "./format.js";
import { t } from "./language.js";
import { TEXTS } from "./texts.js";

const LONGEST = 600; // characters of one value; the whole is in the full record

export function block(titleKey, ...content) {
  return el("section", { class: "trace-block" }, el("h3", {}, t(titleKey)), ...content);
}

export function pairs(rows) {
  const nested = (value) => (value instanceof HTMLElement && value.matches("dl, ol") ? "nested" : null);
  return el(
    "dl",
    { class: "pairs" },
    rows.map(([label, value]) => [el("dt", { class: nested(value) }, label), el("dd", { class: nested(value) }, value)]),
  );
}

/** Horizontal bars of `[label, share from 0 to 1, written value]`. */
export function bars(rows, kind = "") {
  return el(
    "ul",
    { class: `bars ${kind}` },
    rows.map(([label, share, written]) => {
      const fill = el("span", { class: "bar-fill" });
      fill.style.width = `${Math.max(0, Math.min(1, share)) * 100}%`;
      return el(
        "li",
        {},
        el("span", { class: "bar-label" }, label),
        el("span", { class: "bar", "aria-hidden": "true" }, fill),
        el("span", { class: "bar-value" }, written),
      );
    }),
  );
}

export function card(title, note, ...content) {
  return el("article", { class: "card" }, el("header", {}, title, el("span", { class: "quiet" }, note)), ...content);
}

export const code = (text) => el("pre", { tabindex: "0" }, el("code", {}, text));

/** The filled fields of an object; the empty ones are in the full record. */
export function facts(values) {
  const filled = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  return pairs(filled.map(([name, value]) => [label(name), readable(value)]));
}

/** Any JSON value, written so that a person can read it. */
export function readable(value) {
  if (value === null || value === undefined || value === "") return t("nothing");
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "number") return number(value, 4);
  if (typeof value === "string") return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  if (Array.isArray(value)) return list(value);
  return facts(value);
}

/** A word of the server's vocabulary in the current language; the word itself where it is not known. */
export function named(kind, word) {
  const key = `${kind}_${word}`;
  return key in TEXTS.es ? t(key) : label(String(word ?? "—"));
}

function list(values) {
  if (values.length === 0) return t("nothing");
  if (values.every((one) => typeof one !== "object")) return values.join(", ");
  return el("ol", { class: "values" }, values.map((one) => el("li", {}, readable(one))));
}

const label = (name) => name.replaceAll("_", " ");
