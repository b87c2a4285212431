"""Whose number it is: nobody's, one project's, or claimed by two, which stops the post and loses nothing."""

import pytest
from tests.conftest import OpenApp

from relevo.domain.ids import ChannelName, ProjectId
from relevo.storage.database import Database
from relevo.storage.projects import ClaimedTwice, claim_address, create_project, project_of_address

WHATSAPP = ChannelName("whatsapp")
NUMBER = "whatsapp:+15550000001"


async def test_an_address_is_nobodys_ones_or_twice_claimed(database: Database, project: ProjectId) -> None:
    other = ProjectId("other")
    await create_project(database, other, "music", "Other")
    assert await project_of_address(database, WHATSAPP, NUMBER) is None
    await claim_address(database, project, WHATSAPP, NUMBER)
    assert await project_of_address(database, WHATSAPP, NUMBER) == project
    await claim_address(database, other, WHATSAPP, NUMBER)
    with pytest.raises(ClaimedTwice, match="relevo project address"):
        await project_of_address(database, WHATSAPP, NUMBER)


async def test_the_number_goes_along_from_the_demo_to_the_real_thing_and_back(
    open_installation: OpenApp,
) -> None:
    """Whoever tried the demo with their own number keeps nothing of it when the demo is switched off."""
    twilio = {"twilio_account_sid": "AC" + "a" * 32, "twilio_auth_token": "t" * 32}
    for demo, owner in ((True, "demo"), (False, "main"), (True, "demo")):
        app = await open_installation(working=False, demo=demo, twilio_whatsapp_from=NUMBER, **twilio)
        assert await project_of_address(app.database, WHATSAPP, NUMBER) == owner
