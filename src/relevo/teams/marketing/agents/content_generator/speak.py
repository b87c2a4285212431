"""The content generator: writes what was asked for in so many words, and shows what it used."""

from relevo.agents.speaking import Speaking, Spoken
from relevo.teams.marketing.doing import works_of
from relevo.teams.marketing.telling import tell_content


async def speak(speaking: Speaking) -> Spoken:
    done = await speaking.call("write", request=speaking.text)
    if not done.ok:
        return Spoken(str(done.result["message"]))
    content = await works_of(speaking.context).content(done.result["id"], done.result["version"])
    return Spoken(tell_content(content, speaking.language) if content else "")
