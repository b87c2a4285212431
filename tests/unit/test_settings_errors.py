"""What a wrong setting looks like to whoever made it: a line that names it, and never a secret."""

import os
import socket
import subprocess
from pathlib import Path

import pytest
from tests.support.processes import RELEVO

from relevo.settings import Misconfigured, Settings, load_settings

PASSWORD = "hunter2hunter2"
SECRETS = [name.upper() for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)]
GOOD = {
    "DATABASE_URL": f"postgresql://u:{PASSWORD}@127.0.0.1:1/none",
    "REDIS_URL": f"redis://u:{PASSWORD}@127.0.0.1:1/0",
}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _problems(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as caught:
        load_settings()
    return str(caught.value).splitlines()


def _relevo(folder: Path, *words: str, **variables: str) -> tuple[int, list[str]]:
    """A command's status and what it said on both streams, in a folder and an environment of its own."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", **variables}
    done = subprocess.run(
        [*RELEVO, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, (done.stdout + done.stderr).splitlines()


def test_several_wrong_settings_get_a_line_each(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "PORT": "abc", "LLM_PROVIDER": "foo", "DESK_HOURS": "x", "MAX_ATTEMPTS": "0", "DEMO": "perhaps",
        "REDIS_URL": f"{PASSWORD}://x", "DATABASE_URL": f"u:{PASSWORD}@host", "TRUSTED_PROXIES": "proxy",
        "CUSTOMER_TOKEN_SECRET": PASSWORD,
    }  # fmt: skip
    lines = _problems(monkeypatch, **wrong)
    assert sorted(line.partition(": ")[0] for line in lines) == sorted(wrong)
    assert all(line.partition(": ")[2] for line in lines)
    assert PASSWORD not in "".join(lines)
    assert "LLM_PROVIDER: expected 'openai', 'openrouter', 'compatible' or 'none', not 'foo'" in lines


def test_all_that_is_missing_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _problems(monkeypatch, LLM_PROVIDER="openai", TWILIO_ACCOUNT_SID="AC" + "0" * 32)
    assert [line.split()[0] for line in lines] == ["OPENAI_API_KEY", "TWILIO_AUTH_TOKEN"]


@pytest.mark.parametrize(
    "url",
    [
        f"nonsense:{PASSWORD}",
        f"mysql://u:{PASSWORD}@127.0.0.1:1/x",
        f"postgresql+psycopg://u:{PASSWORD}@127.0.0.1:1/x",
        f"postgresql://u:{PASSWORD} x@127.0.0.1:1/x",
        f"postgresql://u:%zz{PASSWORD}@127.0.0.1:1/x",
        f"postgresql://u:a@{PASSWORD}@127.0.0.1:1/x",
        f"postgresql://u:{PASSWORD}/b@127.0.0.1:1/x",
        f"postgresql://u:1/{PASSWORD}@127.0.0.1:1/x",
        f"postgresql://u@127.0.0.1:1/x?pasword={PASSWORD}",
    ],
)
def test_an_unreadable_database_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    [line] = _problems(monkeypatch, DATABASE_URL=url)
    assert line.startswith("DATABASE_URL: expected postgresql://")
    assert PASSWORD not in line


@pytest.mark.parametrize("url", [f"http://u:{PASSWORD}@h", f"redis://u:{PASSWORD}@h:1a/0", "redis://h/x"])
def test_an_unreadable_redis_address(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    [line] = _problems(monkeypatch, REDIS_URL=url)
    assert line.startswith("REDIS_URL: expected redis://")
    assert PASSWORD not in line


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///x?host=/run/postgresql",
        "host=127.0.0.1 dbname=x user=u",
        "postgres://u:p%40ss@a.example:5432,[::1]:5433/x?sslmode=require",
    ],
)
def test_every_address_libpq_reads_is_read(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    found = load_settings().database_url
    assert found is not None and found.get_secret_value() == url


def test_no_secret_shows_in_any_form_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"DATABASE_URL", "TWILIO_AUTH_TOKEN", "LLM_API_KEY", "SECRET_KEY"} <= set(SECRETS)
    for name in SECRETS:
        monkeypatch.setenv(name, GOOD.get(name, f"{PASSWORD}-{name}".ljust(40, "x")))
    monkeypatch.setenv("SMTP_FROM", "care@example.com")
    settings = load_settings()
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump())):
        assert PASSWORD not in shown


def test_a_wrong_secret_does_not_show_in_the_error_behind_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_TOKEN_SECRET", PASSWORD)
    with pytest.raises(Misconfigured) as caught:
        load_settings()
    assert PASSWORD not in f"{caught.value.__cause__} {caught.value.__cause__!r}"


@pytest.mark.parametrize(
    "given",
    ["whatsapp:+14155238886", "+14155238886", " +1 415 523 8886 ", "whatsapp: +1 (415) 523-8886",
     "WhatsApp:+14155238886", "14155238886"],
)  # fmt: skip
def test_our_number_is_read_as_people_write_it(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("TWILIO_WHATSAPP_FROM", given)
    assert load_settings().twilio_whatsapp_from == "whatsapp:+14155238886"


@pytest.mark.parametrize("command", ["serve", "doctor", "worker"])
@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"DATABASE_URL": GOOD["DATABASE_URL"]}, "DATABASE_URL"),
        ({"DATABASE_URL": f"nonsense:{PASSWORD}"}, "DATABASE_URL"),
        ({"REDIS_URL": f"redis://u:{PASSWORD}@h:1a/0"}, "REDIS_URL"),
        ({"DATA_DIR": "/dev/null"}, "DATA_DIR"),
        ({"LLM_PROVIDER": "foo", "PORT": "x"}, "PORT"),
        ({"LLM_PROVIDER": "openai"}, "OPENAI_API_KEY"),
        (
            {"TWILIO_ACCOUNT_SID": "mine", "TWILIO_AUTH_TOKEN": PASSWORD, "TWILIO_WHATSAPP_FROM": "me"},
            "TWILIO_WHATSAPP_FROM",
        ),
    ],
)
def test_a_start_that_cannot_be_is_told_in_lines(
    tmp_path: Path, command: str, variables: dict[str, str], named: str
) -> None:
    status, lines = _relevo(tmp_path, command, **variables)
    said = "\n".join(lines)
    assert status == 1
    assert named in said
    assert "Traceback" not in said and PASSWORD not in said
    assert len(lines) <= 2 or command == "doctor", said


def test_a_port_in_use_is_told_in_a_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        status, [line] = _relevo(tmp_path, "serve", PORT=str(taken.getsockname()[1]))
    assert status == 1
    assert "PORT" in line and "in use" in line


def test_a_host_that_is_none_is_told_in_a_line(tmp_path: Path) -> None:
    status, [line] = _relevo(tmp_path, "serve", HOST="a..b")
    assert status == 1
    assert "HOST" in line


def test_the_data_folder_is_named_beside_a_database_of_ones_own(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "file").write_text("")
    status, [line] = _relevo(
        tmp_path, "serve", DATABASE_URL=database_url, DATA_DIR=str(tmp_path / "file" / "data")
    )
    assert status == 1
    assert "DATA_DIR" in line


DOTENV = {
    "inline comment": (b"LLM_MODEL=gpt-x # the small one\n", "gpt-x"),
    "double quotes": (b'LLM_MODEL="gpt-x"\n', "gpt-x"),
    "single quotes and comment": (b"LLM_MODEL='gpt-x' # c\n", "gpt-x"),
    "quoted hash": (b'LLM_MODEL="gpt #x"\n', "gpt #x"),
    "hash within": (b"LLM_MODEL=gpt#x\n", "gpt#x"),
    "CRLF": (b"PORT=8100\r\nLLM_MODEL=gpt-x\r\nDEMO=false\r\n", "gpt-x"),
    "BOM": (b"\xef\xbb\xbfLLM_MODEL=gpt-x\n", "gpt-x"),
    "export": (b"export LLM_MODEL=gpt-x\n", "gpt-x"),
    "spaces": (b"  LLM_MODEL = gpt-x  \n", "gpt-x"),
    "dollar": (b"LLM_MODEL=a$b\n", "a$b"),
    "no end of line": (b"LLM_MODEL=gpt-x", "gpt-x"),
    "lower case": (b"llm_model=gpt-x\n", "gpt-x"),
    "utf-16": ("LLM_MODEL=gpt-x\r\n".encode("utf-16"), None),
    "latin-1": (b"LLM_MODEL=ni\xf1o\n", None),
}


@pytest.mark.parametrize(("written", "read"), DOTENV.values(), ids=DOTENV.keys())
def test_a_dotenv_file_is_read_sanely(tmp_path: Path, written: bytes, read: str | None) -> None:
    (tmp_path / ".env").write_bytes(written)
    if read is None:
        with pytest.raises(Misconfigured, match=r"\.env: .*UTF-8"):
            load_settings()
    else:
        assert load_settings().llm_model == read
