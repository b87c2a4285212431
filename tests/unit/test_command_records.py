"""What a person looks at and mends: dead letters, parts that did not go out, costs, facts about people."""

import json
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL
from tests.unit.conftest import Relevo

TURN = """
    INSERT INTO turns (project_id, id, conversation_id, lease_token, agent, mode, route, rule, reason,
        snapshot, trace, input_tokens, output_tokens, cost_usd, milliseconds, created_at)
    SELECT 'demo', %(id)s, id, 1, %(agent)s, 'model', 'agent', 'stay', '', '{}', %(trace)s, %(in)s, %(out)s,
        %(cost)s, 1, now() - make_interval(days => %(days)s)
    FROM conversations LIMIT 1
"""


@pytest.fixture
def talk(relevo: Relevo) -> dict[str, Any]:
    """What came of a first message."""
    said: dict[str, Any] = json.loads(relevo("ask", "¿cuánto cuesta el plan Pro?", "--as", "ana", "--json"))
    return said


def _sql(url: str, query: str, **values: Any) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SQL(query), values)


def test_dead_letters_are_listed_and_put_back(
    relevo: Relevo, talk: dict[str, Any], demo_admin_url: str
) -> None:
    _sql(demo_admin_url, "UPDATE messages SET state = 'dead', body = E'uno\\ndos' WHERE role = 'customer'")
    [letter] = json.loads(relevo("dead", "list", "--json"))
    assert letter["conversation"] == talk["conversation"]
    shown = relevo("dead", "list")
    assert f"{letter['id']} · " in shown
    assert "    uno\n    dos\n" in shown
    number = str(letter["id"])
    assert f"{number} is in the inbox again" in relevo("dead", "retry", number)
    assert "No dead letters." in relevo("dead", "list")
    assert f"{number}: not dead" in relevo("dead", "retry", number, status=1)


def test_a_dead_letter_of_a_number_that_is_someone_else_s_now_stays_dead(
    relevo: Relevo, talk: dict[str, Any], demo_admin_url: str
) -> None:
    _sql(demo_admin_url, "UPDATE messages SET state = 'dead' WHERE role = 'customer'")
    _sql(demo_admin_url, "UPDATE conversations SET address = address || ' (until now)'")
    [letter] = json.loads(relevo("dead", "list", "--json"))
    assert "has left its address" in relevo("dead", "retry", str(letter["id"]), status=1)


def test_failed_and_unknown_parts_are_listed_and_sent_again(
    relevo: Relevo, talk: dict[str, Any], demo_admin_url: str
) -> None:
    for state in ("failed", "unknown", "sent"):
        _sql(
            demo_admin_url,
            "INSERT INTO outbox (project_id, conversation_id, message_id, channel, address, body, state,"
            " attempts, provider_id, error, due_at)"
            " SELECT project_id, conversation_id, max(id), 'whatsapp', %(address)s, 'hola',"
            " %(state)s, 3, %(state)s, 'broke', NULL FROM messages GROUP BY 1, 2",
            state=state,
            address="someone else" if state == "unknown" else f"cli-ana-{talk['conversation']}",
        )
    _sql(
        demo_admin_url,
        "UPDATE conversations SET address = %(address)s",
        address=f"cli-ana-{talk['conversation']}",
    )
    failed, unknown = json.loads(relevo("outbox", "list", "--json"))
    assert (failed["state"], failed["tries"], unknown["state"]) == ("failed", 3, "unknown")
    assert "failed at try 3: broke" in relevo("outbox", "list")
    told = relevo("outbox", "retry", str(failed["id"]), str(unknown["id"]), status=1)
    assert f"{failed['id']} is due again" in told
    assert f"{unknown['id']}: neither failed nor unknown, or the address is someone else's now" in told
    [left] = json.loads(relevo("outbox", "list", "--json"))
    assert left["id"] == unknown["id"]
    with psycopg.connect(demo_admin_url) as connection:
        row = connection.execute(
            "SELECT state, attempts, provider_id, error, due_at <= now() FROM outbox WHERE id = %s",
            (failed["id"],),
        ).fetchone()
    assert row == ("due", 0, None, None, True)


def test_costs_are_told_by_agent_by_model_and_by_day(
    relevo: Relevo, talk: dict[str, Any], demo_admin_url: str
) -> None:
    calls = [
        {"model": "big", "wire_calls": 2, "input_tokens": 90, "output_tokens": 9, "cost_usd": 0.02},
        {"model": "small", "wire_calls": 1, "input_tokens": 10, "output_tokens": 1, "cost_usd": 0.001},
    ]
    turn = {"trace": json.dumps({"calls": calls}), "in": 100, "out": 10, "cost": "0.021"}
    for id, agent, days in (("t_1", "sales", 0), ("t_2", "sales", 3), ("t_3", None, 3), ("t_4", "sales", 40)):
        _sql(demo_admin_url, TURN, **turn, id=id, agent=agent, days=days)
    found = json.loads(relevo("costs", "--json"))
    assert found["total"] == {
        "name": "total", "times": 4, "input_tokens": 300, "output_tokens": 30, "cost_usd": 0.063,
    }  # fmt: skip
    assert [(each["name"], each["times"], each["cost_usd"]) for each in found["by_agent"]] == [
        ("sales", 3, 0.042),
        ("nobody", 1, 0.021),
    ]
    assert [(each["name"], each["times"], each["cost_usd"]) for each in found["by_model"]] == [
        ("big", 6, 0.06),
        ("small", 3, 0.003),
    ]
    assert [(each["times"], each["input_tokens"]) for each in found["by_day"]] == [(2, 200), (2, 100)]
    assert json.loads(relevo("costs", "--days", "1", "--json"))["total"]["input_tokens"] == 100
    shown = relevo("costs")
    assert "0.063000" in shown
    assert "big" in shown


def test_facts_of_a_person_are_shown_corrected_and_forgotten(relevo: Relevo) -> None:
    relevo("ask", "quiero una cotización del plan Label [b] para 3 artistas", "--as", "ana", "--from", "1")
    known = json.loads(relevo("profile", "show", "--customer", "ana", "--json"))
    person, slots = known["id"], {slot["name"] for slot in known["slots"]}
    assert slots
    shown = relevo("profile", "show", person)
    assert "“quiero una cotización del plan Label [b] para 3 artistas” · c_" in shown
    relevo("profile", "set", person, "city", "Cali")
    relevo("profile", "set", person, "artists", "12")
    shown = relevo("profile", "show", person)
    assert "city = Cali" in shown
    assert "artists = 12" in shown
    assert "written at the desk" in shown
    relevo("profile", "forget", person, "city")
    assert "city" not in relevo("profile", "show", person)
    assert "nothing is known" in relevo("profile", "forget", person, "city", status=1)
    assert "forgotten: " in relevo("profile", "forget", person)
    assert "Nothing is known for good." in relevo("profile", "show", person)


def test_a_person_who_is_not_there_is_refused(relevo: Relevo) -> None:
    for arguments in (
        ("show", "p_no"), ("show", "--customer", "nobody"), ("set", "p_no", "a", "b"), ("forget", "p_no"),
    ):  # fmt: skip
        assert "there is no such person" in relevo("profile", *arguments, status=1)
    assert "not both" in relevo("profile", "show", status=1)
