"""The pain points: made when there is none or it is asked for anew, else shown."""

from relevo.agents.speaking import Speaking, Spoken
from relevo.teams.marketing.doing import works_of
from relevo.teams.marketing.findings import PainPoints
from relevo.teams.marketing.requests import wants_to_see
from relevo.teams.marketing.telling import tell_pain_points


async def speak(speaking: Speaking) -> Spoken:
    done = await speaking.call("read_pain_points") if wants_to_see(speaking.text) else None
    if done is None or done.result.get("version") is None:
        done = await speaking.call("make_pain_points")
    if not done.ok:
        return Spoken(str(done.result["message"]))
    works = works_of(speaking.context)
    found = await works.newest(PainPoints, done.result["version"])
    return Spoken(tell_pain_points(found, await works.template(), speaking.language) if found else "")
