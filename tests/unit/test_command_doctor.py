"""`relevo doctor`: each thing that can be wrong is said, with the variable or the command that mends it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psycopg
import pytest
from tests.support.model_server import ModelServer
from tests.support.twilio_server import ACCOUNT, OUR_NUMBER, TOKEN, TwilioServer
from tests.unit.conftest import Relevo

from relevo.cli.doctor import Finding, examine
from relevo.domain.clock import ManualClock
from relevo.storage.embedded import Cluster

NOWHERE = "127.0.0.1:1"
Doctor = Callable[..., Awaitable[dict[str, Finding]]]


@pytest.fixture
def doctor(cluster: Cluster, demo_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """The findings by what was examined, with these variables set: ``await doctor(REDIS_URL=…)``."""

    async def look(**variables: str) -> dict[str, Finding]:
        monkeypatch.chdir(tmp_path)  # no .env of the machine
        standing = {
            "DATABASE_URL": cluster.url("relevo_app", demo_name),
            "DATA_DIR": str(tmp_path / "data"),
        }
        for name, value in (standing | variables).items():
            monkeypatch.setenv(name, value)
        return {finding.what: finding for finding in await examine(ManualClock())}

    return look


@pytest.fixture
async def twilio() -> AsyncIterator[dict[str, str]]:
    """The variables of an installation whose number works."""
    async with TwilioServer() as server:
        yield {
            "PUBLIC_URL": "https://care.example.com",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_WHATSAPP_FROM": OUR_NUMBER,
            "TWILIO_API_BASE": server.base,
        }


def _wrong(found: dict[str, Finding]) -> dict[str, Finding]:
    return {what: finding for what, finding in found.items() if finding.ok is False}


async def test_what_works_is_said_to_work(doctor: Doctor, twilio: dict[str, str]) -> None:
    async with ModelServer() as server:
        server.answer("ok")
        found = await doctor(
            LLM_PROVIDER="compatible", LLM_BASE_URL=server.url, LLM_MODEL="m", LLM_API_KEY="k", **twilio
        )
    assert _wrong(found) == {}
    assert {"database", "model", "channel whatsapp"} <= {what for what, each in found.items() if each.ok}


async def test_an_unreadable_setting(doctor: Doctor) -> None:
    [finding] = (await doctor(PORT="many")).values()
    assert (finding.ok, finding.says.partition(":")[0]) == (False, "PORT")


async def test_a_variable_that_looks_misspelt_is_told_of(doctor: Doctor, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LLM_MODLE=m\nredis-url=x\nEDITOR=vi\nAWS_REGION=us\nDEMO=true\n")
    found = await doctor(TWILIO_AUTH_TOKENS="x", TERM="xterm", HOSTS="x", LC_MODEL="x")
    assert _wrong(found) == {}
    told = {what: finding.advice for what, finding in found.items() if what.startswith("variable ")}
    assert told == {
        "variable LLM_MODLE": "LLM_MODEL, if that is what is meant",
        "variable redis-url": "REDIS_URL, if that is what is meant",
        "variable TWILIO_AUTH_TOKENS": "TWILIO_AUTH_TOKEN, if that is what is meant",
    }


async def test_an_address_that_cannot_be_read(doctor: Doctor) -> None:
    [(what, finding)] = _wrong(await doctor(DATABASE_URL="nonsense")).items()
    assert what == "configuration"
    assert finding.says.startswith("DATABASE_URL: ")


async def test_a_database_that_does_not_answer(doctor: Doctor) -> None:
    url = f"postgresql://nobody@{NOWHERE}/none"
    [(what, finding)] = _wrong(await doctor(DATABASE_URL=url)).items()
    assert what == "database"
    assert finding.advice.startswith("DATABASE_URL: ")


async def test_redis_is_down(doctor: Doctor) -> None:
    [(what, finding)] = _wrong(await doctor(REDIS_URL=f"redis://{NOWHERE}/0")).items()
    assert what == "redis"
    assert finding.advice.startswith("REDIS_URL: ")


@pytest.mark.parametrize("variable", ["LLM_API_KEY", "OPENAI_API_KEY"])
async def test_a_model_that_refuses_the_key(doctor: Doctor, variable: str) -> None:
    async with ModelServer() as server:
        server.fail("unauthorized")
        variables = {variable: "k", "LLM_PROVIDER": "openai", "LLM_BASE_URL": server.url}
        [(what, finding)] = _wrong(await doctor(**variables)).items()
    assert (what, finding.advice) == ("model", f"{variable}, or LLM_MODEL")
    assert "refused" in finding.says


async def test_a_model_that_cannot_be_reached(doctor: Doctor) -> None:
    found = await doctor(LLM_PROVIDER="compatible", LLM_BASE_URL=f"http://{NOWHERE}/v1", LLM_MODEL="m")
    [(what, finding)] = _wrong(found).items()
    assert what == "model"
    assert finding.advice.startswith("LLM_BASE_URL")


@pytest.mark.parametrize(
    ("changed", "advice"),
    [
        ({"TWILIO_AUTH_TOKEN": "old"}, "TWILIO_AUTH_TOKEN: "),
        ({"TWILIO_API_BASE": f"http://{NOWHERE}"}, "the network, or TWILIO_API_BASE"),
    ],
    ids=["wrong token", "not reached"],
)
async def test_twilio_fails(
    doctor: Doctor, twilio: dict[str, str], changed: dict[str, str], advice: str
) -> None:
    [(what, finding)] = _wrong(await doctor(**twilio | changed)).items()
    assert what == "channel whatsapp"
    assert finding.advice.startswith(advice)


async def test_a_twilio_account_that_is_none(doctor: Doctor, twilio: dict[str, str]) -> None:
    found = _wrong(await doctor(**twilio | {"TWILIO_ACCOUNT_SID": "mine"}))
    assert found["configuration"].says.startswith("TWILIO_ACCOUNT_SID: ")


async def test_whatsapp_without_a_public_address(doctor: Doctor, twilio: dict[str, str]) -> None:
    del twilio["PUBLIC_URL"]
    [finding] = _wrong(await doctor(**twilio)).values()
    assert finding.advice.startswith("PUBLIC_URL: ")


async def test_whatsapp_without_a_number(doctor: Doctor, twilio: dict[str, str]) -> None:
    del twilio["TWILIO_WHATSAPP_FROM"]
    [finding] = _wrong(await doctor(**twilio)).values()
    assert finding.advice.startswith("TWILIO_WHATSAPP_FROM: ")


async def test_a_number_that_two_projects_claim(
    doctor: Doctor, twilio: dict[str, str], demo_admin_url: str
) -> None:
    await doctor(**twilio)
    with psycopg.connect(demo_admin_url, autocommit=True) as connection:
        connection.execute("INSERT INTO projects (project_id, team, name) VALUES ('second', 'music', 'x')")
        connection.execute(
            "INSERT INTO channel_addresses (project_id, channel, address) VALUES ('second', 'whatsapp', %s)",
            (OUR_NUMBER,),
        )
    [(what, finding)] = _wrong(await doctor(**twilio)).items()
    assert what == f"address {OUR_NUMBER}"
    assert "demo and second" in finding.says
    assert f"relevo project address PROJECT whatsapp {OUR_NUMBER}" in finding.advice


def test_an_address_is_one_project_s_from_then_on(relevo: Relevo, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first project does not take it back at the next start."""
    monkeypatch.setenv("TWILIO_WHATSAPP_FROM", OUR_NUMBER)
    relevo("project", "create", "second")
    moved = relevo("project", "address", "second", "whatsapp", OUR_NUMBER)
    assert f"{OUR_NUMBER} is second's, no longer demo's" in moved
    assert "no longer" not in relevo("project", "address", "second", "whatsapp", OUR_NUMBER)
    assert "✗" not in relevo("doctor")
