"""What the models cost a project: by agent, by model and by day, from the committed turns."""

from dataclasses import dataclass
from typing import Any

from relevo.domain.ids import ProjectId
from relevo.storage.database import Connection


@dataclass(frozen=True, slots=True)
class Spent:
    """``times`` counts turns, or with a model's name the calls to it."""

    name: str
    times: int
    input_tokens: int
    output_tokens: int
    cost_usd: float


@dataclass(frozen=True, slots=True)
class Costs:
    """A turn counts for the agent that spoke last in it. Days are those of UTC."""

    by_agent: list[Spent]
    by_model: list[Spent]
    by_day: list[Spent]

    @property
    def total(self) -> Spent:
        return Spent(
            "total",
            sum(each.times for each in self.by_day),
            sum(each.input_tokens for each in self.by_day),
            sum(each.output_tokens for each in self.by_day),
            sum(each.cost_usd for each in self.by_day),
        )


_SUMS = """
    sum(input_tokens)::bigint AS input_tokens, sum(output_tokens)::bigint AS output_tokens,
    sum(cost_usd) AS cost_usd
"""
_RECENT = "project_id = %(project)s AND created_at > now() - make_interval(days => %(days)s)"
BY_AGENT = f"""
    SELECT coalesce(agent, 'nobody') AS name, count(*) AS times, {_SUMS} FROM turns WHERE {_RECENT}
    GROUP BY 1 ORDER BY cost_usd DESC, times DESC, name
"""
BY_MODEL = f"""
    SELECT model AS name, sum(wire_calls)::bigint AS times, {_SUMS} FROM (
        SELECT call ->> 'model' AS model, (call ->> 'wire_calls')::integer AS wire_calls,
            (call ->> 'input_tokens')::integer AS input_tokens,
            (call ->> 'output_tokens')::integer AS output_tokens, (call ->> 'cost_usd')::numeric AS cost_usd
        FROM turns, jsonb_array_elements(trace -> 'calls') call WHERE {_RECENT}
    ) calls GROUP BY 1 ORDER BY cost_usd DESC, times DESC, name
"""
BY_DAY = f"""
    SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS name, count(*) AS times, {_SUMS}
    FROM turns WHERE {_RECENT} GROUP BY 1 ORDER BY 1
"""


async def read_costs(connection: Connection, project: ProjectId, days: int) -> Costs:
    """The costs of the last ``days`` times 24 hours."""
    tables = []
    for query in (BY_AGENT, BY_MODEL, BY_DAY):
        rows = await (await connection.execute(query, {"project": project, "days": days})).fetchall()
        tables.append([_spent(row) for row in rows])
    return Costs(*tables)


def _spent(row: dict[str, Any]) -> Spent:
    return Spent(row["name"], row["times"], row["input_tokens"], row["output_tokens"], float(row["cost_usd"]))
