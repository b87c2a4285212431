"""`relevo replay`: says that nothing differs, what does, and where a turn is to be found."""

import json

from tests.unit.conftest import Relevo


def test_turns_run_again_are_the_same_and_one_can_be_chosen(relevo: Relevo) -> None:
    said = json.loads(relevo("ask", "¿cuál es mi saldo?", "--as", "ana", "--from", "1", "--json"))
    relevo("ask", "gracias", "--as", "ana", "--from", "1")
    told = relevo("replay", said["conversation"])
    assert "customer: ¿cuál es mi saldo?" in told
    assert told.count("the same as then") == 2
    assert told.rstrip().endswith("2 turns run again, 0 came out different")
    [first, _] = json.loads(relevo("trace", said["conversation"], "--json"))
    [one] = json.loads(relevo("replay", said["conversation"], first["id"], "--json"))
    assert one["turn"] == first["id"] and one["differences"] == []
    assert one["then"] == one["now"]


def test_what_differs_is_shown_and_told_by_the_status(relevo: Relevo) -> None:
    said = json.loads(relevo("ask", "quiero retirar 60", "--as", "ana", "--from", "1", "--json"))
    relevo("ask", "sí, confirmo", "--as", "ana", "--from", "1")
    told = relevo("replay", said["conversation"], status=2)
    assert "content" in told and "then" in told and "now" in told


def test_a_turn_there_is_not_is_said(relevo: Relevo) -> None:
    assert "no such turn" in relevo("replay", "c_nothing", status=1)
