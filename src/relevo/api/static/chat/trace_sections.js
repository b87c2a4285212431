/** The parts of a trace, in the order in which the turn went. */

import { agentAvatar, agentTitle, allAgents, isPerson } from "./agents.js";
import { el, icon } from "./dom.js";
import { dollars, milliseconds, number, percent } from "./format.js";
import { t } from "./language.js";
import { said, whyRouted } from "./reasons.js";
import { bars, block, card, code, facts, named, pairs, readable } from "./trace_parts.js";

const SHORT_RESULT = 300; // characters of JSON

export function summary(trace) {
  const figure = (label, value) => el("div", { class: "figure" }, el("dt", {}, label), el("dd", {}, value));
  return el(
    "div",
    { class: "trace-summary" },
    el("div", { class: "trace-who" }, agentAvatar(trace.agent ?? null), el("strong", {}, agentTitle(trace.agent))),
    el(
      "dl",
      { class: "figures" },
      figure(t("trace_mode"), named("mode", trace.mode)),
      figure(t("trace_time"), milliseconds(trace.milliseconds)),
      figure(t("trace_cost"), dollars(trace.cost_usd)),
    ),
  );
}

export function sections(trace) {
  return [
    understood(trace.signals ?? {}),
    decision(trace.decision ?? {}, trace.signals ?? {}),
    (trace.handoffs ?? []).length > 0 && handoffs(trace.handoffs, trace.decision ?? {}, trace.signals ?? {}),
    tools(trace.tools ?? []),
    memory(trace.memory ?? {}),
    calls(trace.calls ?? []),
    (trace.steps ?? []).length > 0 && steps(trace.steps),
  ].filter(Boolean);
}

export function raw(trace) {
  const text = JSON.stringify(trace, null, 2);
  return el("details", { class: "raw" }, el("summary", {}, t("trace_raw")), code(text));
}

function understood(signals) {
  const sentiment = `${named("sentiment", signals.sentiment)} (${number(signals.sentiment_score, 2)})`;
  const rows = [
    [t("s_intent"), `${intent(signals.intent)} · ${percent(signals.confidence)}`],
    [t("s_language"), named("lang", signals.language)],
    [t("s_sentiment"), sentiment],
    [t("s_priority"), `${number(signals.priority, 1)} / 10${signals.urgent ? ` · ${t("s_urgent")}` : ""}`],
    [t("s_source"), named("source", signals.source)],
  ];
  const stakes = Object.entries(signals.implications ?? {}).map(([name, value]) => [named("imp", name), value / 10, number(value, 1)]);
  const scores = Object.entries(signals.scores ?? {})
    .sort((one, other) => other[1] - one[1])
    .map(([name, share]) => [intent(name), share, percent(share)]);
  return block(
    "trace_understood",
    pairs(rows),
    scores.length > 0 && [el("h4", {}, t("s_scores")), bars(scores)],
    stakes.length > 0 && [el("h4", {}, t("s_implications")), bars(stakes, "stake")],
    (signals.reasons ?? []).length > 0 && [el("h4", {}, t("s_reasons")), el("ul", { class: "reasons" }, signals.reasons.map((one) => el("li", {}, said(one))))],
  );
}

function intent(name) {
  return allAgents().some((agent) => agent.name === name) ? agentTitle(name) : named("intent", name);
}

function decision(made, signals) {
  const who = made.agent ? `${named("route", made.route)}: ${agentTitle(made.agent)}` : named("route", made.route);
  const why = made.rule || made.reason ? whyRouted(made, signals) : "";
  return block(
    "trace_decision",
    el("p", { class: "lead" }, who),
    why && el("p", {}, why),
    made.rule && pairs([[t("d_rule"), el("code", {}, made.rule)]]),
  );
}

function handoffs(list, made, signals) {
  return block(
    "trace_handoffs",
    list.map((one) => {
      const intact = one.digest_before === one.digest_after;
      const routed = one.reason === made.reason; // passed on by the decision itself
      const asked = isPerson(one.receiver) && routed && made.rule === "asks_person";
      return card(
        el("span", { class: "pass" }, agentAvatar(one.giver), agentTitle(one.giver), icon("swap"), agentAvatar(one.receiver), agentTitle(one.receiver)),
        asked ? t("h_asked") : named("h", one.kind),
        one.reason && el("p", {}, routed ? whyRouted(made, signals) : said(one.reason)),
        el("p", { class: intact ? "good" : "bad" }, icon(intact ? "check" : "alert"), t(intact ? "h_intact" : "h_broken"), " ", el("code", {}, String(one.digest_after ?? "").slice(0, 12))),
      );
    }),
  );
}

function tools(list) {
  if (list.length === 0) return block("trace_tools", el("p", { class: "quiet" }, t("no_tools")));
  return block(
    "trace_tools",
    list.map((one) =>
      card(
        el("code", { class: "strong" }, one.name),
        milliseconds(one.milliseconds),
        !one.ok && el("p", { class: "bad" }, icon("alert"), t("tool_failed")),
        Object.keys(one.arguments ?? {}).length > 0 && [el("h4", {}, t("tool_arguments")), facts(one.arguments)],
        returned(one.result),
      ),
    ),
  );
}

// A long result waits to be unfolded, so that the answer's way stays readable at a glance.
function returned(result) {
  const long = JSON.stringify(result ?? null).length > SHORT_RESULT;
  if (long) return el("details", {}, el("summary", {}, t("tool_result")), readable(result));
  return [el("h4", {}, t("tool_result")), readable(result)];
}

function memory(used) {
  const counts = pairs([
    [t("m_session"), number(used.session_messages)],
    [t("m_history"), number(used.history_messages)],
    [t("m_tickets"), number(used.tickets)],
  ]);
  const filled = (values) => Object.keys(values ?? {}).length > 0;
  return block(
    "trace_memory",
    counts,
    filled(used.profile) && [el("h4", {}, t("m_profile")), facts(used.profile)],
    filled(used.facts) && [el("h4", {}, t("m_facts")), facts(used.facts)],
  );
}

function calls(list) {
  if (list.length === 0) return block("trace_calls", el("p", { class: "quiet" }, t("no_calls")));
  return block(
    "trace_calls",
    list.map((one) =>
      card(
        el("span", { class: "strong" }, one.purpose ?? one.model),
        milliseconds(one.milliseconds),
        el("p", { class: "quiet" }, one.model),
        el("p", {}, t("c_tokens", { input: number(one.input_tokens), output: number(one.output_tokens) }), " · ", dollars(one.cost_usd)),
        el("p", { class: "quiet" }, t(one.wire_calls === 1 ? "c_wire_one" : "c_wire", { count: number(one.wire_calls) })),
        one.error && el("p", { class: "bad" }, icon("alert"), one.error),
      ),
    ),
  );
}

function steps(list) {
  const longest = Math.max(...list.map((one) => one.milliseconds), 0.001);
  return block("trace_steps", bars(list.map((one) => [one.name, one.milliseconds / longest, milliseconds(one.milliseconds)])));
}
