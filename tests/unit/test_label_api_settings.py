"""LABEL_API_URL and LABEL_API_KEY: what is unsafe does not start, and the doctor tells the rest."""

import pytest
from pydantic import SecretStr
from tests.support.label_server import KEY, LabelServer
from tests.unit.test_command_doctor import NOWHERE, Doctor, doctor

from relevo.domain.ids import ProjectId
from relevo.settings import Settings, load_settings
from relevo.storage.database import Database
from relevo.teams.music.backend.postgres import PostgresLabelBackend
from relevo.teams.music.backend.rest import access_of

__all__ = ["doctor"]


def _settings(url: str, key: str | None = "k") -> Settings:
    return load_settings(label_api_url=url, label_api_key=SecretStr(key) if key is not None else None)


@pytest.mark.parametrize(
    "url",
    [
        "api.example.com",
        "ftp://api.example.com",
        "http://api.example.com",
        "http://10.0.0.7/v1",
        "http://localhost.example.com",
        "https://user:secret@api.example.com",
        "https://api.example.com/v1?key=1",
        "https://api.example.com/#x",
        "https://",
        "https://api.example.com:99999",
        "https://[::1",
    ],
)
def test_an_unsafe_address_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="LABEL_API_URL"):
        access_of(_settings(url))


def test_a_key_is_needed_that_can_be_sent() -> None:
    for key in (None, "clé", "a\nb"):
        with pytest.raises(ValueError, match="LABEL_API_KEY"):
            access_of(_settings("https://api.example.com", key))


@pytest.mark.parametrize("url", ["https://api.example.com/v1/", "http://127.0.0.1:9/v1", "http://[::1]/v1"])
def test_a_safe_address_is_taken_and_the_key_is_not_shown(url: str) -> None:
    access = access_of(_settings(url, "sesame"))
    assert access is not None and access.url == url.rstrip("/") and "sesame" not in repr(access)


async def test_the_doctor_tells_how_the_api_is(
    doctor: Doctor, database: Database, project: ProjectId
) -> None:
    async with LabelServer(PostgresLabelBackend(database, project)) as label:
        well = await doctor(LABEL_API_URL=label.url, LABEL_API_KEY=KEY)
        locked = await doctor(LABEL_API_URL=label.url, LABEL_API_KEY="wrong")
    away = await doctor(LABEL_API_URL=f"http://{NOWHERE}/v1", LABEL_API_KEY=KEY)
    assert well["music label_api"].ok
    for found, why in ((locked, "401"), (away, "no connection")):
        finding = found["music label_api"]
        assert finding.ok is False and why in finding.says
        assert finding.advice.startswith("LABEL_API_URL, LABEL_API_KEY")


async def test_an_unsafe_address_stops_the_start(doctor: Doctor) -> None:
    finding = list((await doctor(LABEL_API_URL="http://api.example.com", LABEL_API_KEY=KEY)).values())[-1]
    assert finding.ok is False and "https is needed" in finding.says
