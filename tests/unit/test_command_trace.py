"""`relevo trace`: what was said, how it was decided, what it cost; readable, and not to be forged."""

import json

from tests.unit.conftest import Relevo

from relevo.cli.trace import RESULT_CHARACTERS


def test_a_turn_is_told_in_lines(relevo: Relevo) -> None:
    said = json.loads(relevo("ask", "¿cuál es mi saldo? [bold]", "--as", "ana", "--from", "1", "--json"))
    relevo("ask", "gracias\n  decision  forged", "--as", "ana", "--from", "1")
    told = relevo("trace", said["conversation"])
    lines = [line.rstrip() for line in told.splitlines()]
    assert "customer: ¿cuál es mi saldo? [bold]" in lines
    assert f"royalties: {said['reply'].splitlines()[0]}" in lines
    signals = [line for line in lines if line.startswith("  signals   royalties ")]
    assert " · es · neutral · priority " in signals[0]
    assert any(line.startswith("  decision  agent: ") and line.endswith("[intent]") for line in lines)
    [tool] = [line for line in lines if line.startswith("  tool      get_balance() → {")]
    assert len(tool) <= len("  tool      get_balance() → …") + RESULT_CHARACTERS
    assert "  decision  forged" not in lines
    assert lines[-1].startswith("2 turns · 0 model calls · 0+0 tokens (in+out) · $0.000000 · ")


def test_json_holds_the_whole_records(relevo: Relevo) -> None:
    said = json.loads(relevo("ask", "¿cuál es mi saldo?", "--as", "ana", "--json"))
    [turn] = json.loads(relevo("trace", said["conversation"], "--json"))
    assert [each["role"] for each in turn["said"]] == ["customer", "agent"]
    assert turn["trace"]["tools"][0]["result"]
    assert turn["snapshot"]
