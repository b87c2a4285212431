"""The buyer persona: made when there is none or it is asked for anew, else shown."""

from relevo.agents.speaking import Speaking, Spoken
from relevo.teams.marketing.doing import works_of
from relevo.teams.marketing.requests import wants_to_see
from relevo.teams.marketing.telling import tell_persona


async def speak(speaking: Speaking) -> Spoken:
    done = None
    if wants_to_see(speaking.text):
        done = await speaking.call("read_buyer_persona")
    if done is None or done.result.get("version") is None:
        done = await speaking.call("build_buyer_persona")
    if not done.ok:
        return Spoken(str(done.result["message"]))
    works = works_of(speaking.context)
    persona = await works.persona(version=done.result["version"])
    if persona is None:
        return Spoken("")
    documents = done.result["documents"] > 0
    return Spoken(tell_persona(persona, await works.template(), speaking.language, documents=documents))
