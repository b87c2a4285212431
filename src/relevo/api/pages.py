"""The customer's web chat: its page, and what the page needs to know."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from relevo.api.principal import give_cookie
from relevo.api.proxies import app_of
from relevo.app import App
from relevo.domain.ids import ProjectId

router = APIRouter(tags=["web"])
STATIC = Path(__file__).parent / "static"

_CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)


def policy(ancestors: str) -> str:
    """The content-security policy of the chat's page, which pages of ``ancestors`` may show in a frame."""
    return f"{_CONTENT}; frame-ancestors {ancestors}"


POLICY = policy("'none'")


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def chat_page() -> FileResponse:
    return FileResponse(STATIC / "chat.html")


@router.get("/api/session", summary="Become a visitor of the web chat")
async def session(request: Request, response: Response) -> dict[str, Any]:
    """Sets the visitor's cookie and says who the team is."""
    app = app_of(request)
    give_cookie(request, response, app.default_project)
    return await what_the_chat_needs(app, app.default_project)


async def what_the_chat_needs(app: App, project: ProjectId) -> dict[str, Any]:
    """The team and the limits, for the chat's page. Raises LookupError for an unknown project."""
    team = await app.team_of(project)
    people = team.demo_people if app.settings.demo else {}
    return {
        "project": project,
        "team": team.title,
        "agents": [{"name": agent.name, "title": agent.title} for agent in team.agents.values()],
        "links": sorted(app.links_of(team)),
        "demo": app.settings.demo,
        "people": [
            {"name": name, "label": person.label, "language": person.language}
            for name, person in people.items()
        ],
        "model": app.model is not None,
        "trace": app.settings.demo,
        "max_message_chars": app.settings.max_message_chars,
    }
