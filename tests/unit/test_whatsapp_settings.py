"""The application's settings become the channel's, or the start stops with the variable's name."""

import subprocess
import sys
from dataclasses import dataclass

import pytest
from pydantic import SecretStr
from tests.support.twilio_server import ACCOUNT, OUR_NUMBER

from relevo.channels.whatsapp import build
from relevo.channels.whatsapp.settings import from_application
from relevo.domain.clock import ManualClock

TOKENS = SecretStr("first-token, second-token,")


@dataclass
class Application:
    twilio_account_sid: str | None = ACCOUNT
    twilio_auth_token: SecretStr | None = TOKENS
    twilio_whatsapp_from: str | None = OUR_NUMBER
    twilio_messaging_service_sid: str | None = None
    twilio_subaccounts: str = ""
    twilio_api_base: str = "https://api.twilio.com/"
    public_url: str | None = "https://care.example.com"


def test_everything_is_read() -> None:
    found = from_application(Application(twilio_subaccounts=f"AC{'a' * 32}, AC{'b' * 32}"))
    assert found is not None
    assert [token.get_secret_value() for token in found.auth_tokens] == ["first-token", "second-token"]
    assert found.accounts == {ACCOUNT, "AC" + "a" * 32, "AC" + "b" * 32}
    assert found.api_base == "https://api.twilio.com"
    assert found.status_callback == "https://care.example.com/webhooks/whatsapp"
    assert "token" not in repr(found).replace("auth_tokens", "")


def test_a_bare_number_gets_its_prefix() -> None:
    found = from_application(Application(twilio_whatsapp_from="+14155238886", public_url=None))
    assert found is not None
    assert found.sender == OUR_NUMBER
    assert found.status_callback is None


def test_not_configured_is_no_channel() -> None:
    assert build(Application(twilio_account_sid=None), ManualClock()) is None
    assert build(Application(twilio_auth_token=None), ManualClock()) is None
    assert build(Application(twilio_auth_token=SecretStr(" , ")), ManualClock()) is None


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"twilio_account_sid": "AC123"}, "TWILIO_ACCOUNT_SID"),
        ({"twilio_whatsapp_from": "14155238886"}, "TWILIO_WHATSAPP_FROM"),
        ({"twilio_messaging_service_sid": "SM" + "0" * 32}, "TWILIO_MESSAGING_SERVICE_SID"),
        ({"twilio_subaccounts": "mine"}, "TWILIO_SUBACCOUNTS"),
        ({"twilio_api_base": "api.twilio.com"}, "TWILIO_API_BASE"),
    ],
)
def test_a_wrong_variable_is_named(change: dict[str, str], variable: str) -> None:
    with pytest.raises(ValueError, match=f"^{variable}: expected"):
        from_application(Application(**change))  # type: ignore[arg-type]


def test_twilios_sdk_is_not_loaded_at_the_start() -> None:
    code = "import relevo.channels.whatsapp, sys; print('twilio' in sys.modules, 'aiohttp' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "False"]
