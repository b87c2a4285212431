"""The metrics served at /metrics."""

from prometheus_client import Counter, Histogram

MESSAGES = Counter("relevo_messages_total", "Messages received", ["channel", "outcome"])
WEBHOOKS_REFUSED = Counter("relevo_webhooks_refused_total", "Webhooks not proved to be genuine", ["channel"])
TURNS = Counter("relevo_turns_total", "Turns committed", ["agent", "mode", "route"])
TURN_SECONDS = Histogram(
    "relevo_turn_seconds", "Time from claim to commit", buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60)
)
TURNS_FAILED = Counter("relevo_turns_failed_total", "Turns given up, to be run again", ["kind"])
HANDOFFS = Counter("relevo_handoffs_total", "Handoffs", ["giver", "receiver", "kind"])
ESCALATIONS = Counter("relevo_escalations_total", "Tickets opened by an escalation", ["agent"])
TOOL_CALLS = Counter("relevo_tool_calls_total", "Tool calls", ["tool", "ok"])
MODEL_CALLS = Counter("relevo_model_calls_total", "Wire calls to the model", ["model", "purpose", "outcome"])
MODEL_COST = Counter("relevo_model_cost_usd_total", "Model cost in US dollars", ["model", "agent"])
PARCELS = Counter("relevo_parcels_total", "Parts sent to channels", ["channel", "outcome"])
OPERATOR_ALERTS = Counter("relevo_operator_alerts_total", "What an operator must look at", ["kind"])
SIGN_INS = Counter("relevo_sign_ins_total", "Attempts to sign in", ["outcome"])
EMBEDDINGS_FAILED = Counter("relevo_embeddings_failed_total", "Texts that the embedding gave no vectors for")
MEMORY_LOST = Counter("relevo_memory_lost_total", "Calls to the short memory that Redis did not answer")
DEAD_LETTERS = Counter("relevo_dead_letters_total", "Messages set aside after the last try")
LABEL_API_FAILURES = Counter(
    "relevo_label_api_failures_total", "Calls to the distributor's API without a usable answer", ["kind"]
)
