"""The document processor: reads, summarises, says what is missing, and lets who was asked for go on."""

from relevo.agents.speaking import Speaking, Spoken
from relevo.teams.marketing.doing import works_of
from relevo.teams.marketing.findings import Summary
from relevo.teams.marketing.router import AGENTS, ASSISTANT, HUMAN, Standing, State, step
from relevo.teams.marketing.telling import tell_summary


async def speak(speaking: Speaking) -> Spoken:
    done = await speaking.call("read_documents")
    if not done.ok:
        return Spoken(str(done.result["message"]))
    works = works_of(speaking.context)
    summary = await works.newest(Summary, done.result["version"])
    if summary is None:
        return Spoken("")
    text = tell_summary(summary, done.result["failed"], await works.template(), speaking.language)
    after_content = speaking.context.state.agent == AGENTS[State.CONTENT_GENERATION]
    asked = step(Standing(onboarded=True, persona=True, after_content=after_content), speaking.text)
    if asked.agent in (ASSISTANT, HUMAN, AGENTS[State.DOCUMENT_PROCESSING]):
        return Spoken(text)
    return Spoken(text, asked.agent, "the documents are read, and this was asked for")
