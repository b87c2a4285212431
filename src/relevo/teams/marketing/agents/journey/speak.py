"""The customer journey: made when there is none or it is asked for anew, else shown."""

from relevo.agents.speaking import Speaking, Spoken
from relevo.teams.marketing.doing import works_of
from relevo.teams.marketing.findings import Journey
from relevo.teams.marketing.requests import wants_to_see
from relevo.teams.marketing.telling import tell_journey


async def speak(speaking: Speaking) -> Spoken:
    done = await speaking.call("read_journey") if wants_to_see(speaking.text) else None
    if done is None or done.result.get("version") is None:
        done = await speaking.call("make_journey")
    if not done.ok:
        return Spoken(str(done.result["message"]))
    found = await works_of(speaking.context).newest(Journey, done.result["version"])
    return Spoken(tell_journey(found, speaking.language) if found else "")
