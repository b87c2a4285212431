"""Configuration: what is unsafe or unreadable stops the start, and the message names the variable."""

from pathlib import Path

import pytest

from relevo.settings import Misconfigured, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "abc"),
        ("PORT", "70000"),
        ("DESK_TIMEZONE", "Mars/Olympus"),
        ("DESK_HOURS", "whenever"),
        ("PUBLIC_URL", "care.example.com"),
        ("CUSTOMER_TOKEN_SECRET", "short"),
        ("LLM_PROVIDER", "somebody"),
        ("TRIAGE", "guess"),
        ("TURN_DEADLINE", "0"),
        ("MAX_ATTEMPTS", "0"),
    ],
)
def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"LLM_PROVIDER": "openai"}, "OPENAI_API_KEY"),
        ({"LLM_PROVIDER": "openrouter"}, "OPENROUTER_API_KEY"),
        ({"LLM_PROVIDER": "compatible"}, "LLM_BASE_URL"),
        ({"TWILIO_ACCOUNT_SID": "AC" + "0" * 32}, "TWILIO_AUTH_TOKEN"),
        ({"TRIAGE": "model"}, "LLM_PROVIDER"),
    ],
)
def test_what_belongs_together_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured, match=missing):
        load_settings()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("LLM_PROVIDER", "openai")
    settings = load_settings()
    assert settings.model_key == "sk-very-secret"
    assert "sk-very-secret" not in repr(settings)


def test_a_dotenv_file_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORT=8100\nHOST=127.0.0.2\nREDIS_URL=\n")
    monkeypatch.setenv("PORT", "8200")
    settings = load_settings()
    assert (settings.port, settings.host, settings.redis_url) == (8200, "127.0.0.2", None)
