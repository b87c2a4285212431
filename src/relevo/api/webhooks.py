"""Channels' webhooks: proved, stored, acknowledged; nothing slow happens before the acknowledgement."""

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response

from relevo.agents.unavailable import Unavailable
from relevo.api.errors import ApiError
from relevo.api.proxies import app_of, public_url_of
from relevo.app import App
from relevo.channels.port import Channel, ChannelMessage, Refused, Unreadable, WebhookRequest
from relevo.domain.ids import ChannelName, ProjectId
from relevo.domain.message import InboundMessage
from relevo.insight.metrics import MESSAGES, WEBHOOKS_REFUSED
from relevo.pipeline.receive import receive
from relevo.storage.outbox import update_delivery
from relevo.storage.projects import ClaimedTwice, project_of_address

log = structlog.get_logger()
router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.post("/{channel}", summary="A channel's webhook")
async def webhook(request: Request, channel: str) -> Response:
    app = app_of(request)
    found = app.channels.get(ChannelName(channel))
    if found is None:
        raise ApiError(404, "not_found")
    names = [name.decode("latin-1").lower() for name, _ in request.scope["headers"]]
    incoming = WebhookRequest(
        url=public_url_of(request),
        headers={key.lower(): value for key, value in request.headers.items()},
        body=await request.body(),
        doubled=frozenset(name for name in names if names.count(name) > 1),
    )
    try:
        read = found.read(incoming)
    except Refused as refused:
        WEBHOOKS_REFUSED.labels(found.name).inc()
        log.warning("webhook_refused", channel=found.name, why=str(refused))
        raise ApiError(403, "forbidden") from refused
    except Unreadable as unreadable:
        raise ApiError(400, "unreadable") from unreadable
    for message in read.messages:
        await _take(app, found, message)
    for update in read.updates:
        project = await _project(app, found, update.recipient)
        if project is not None:
            async with app.database.project(project) as connection:
                await update_delivery(
                    connection, project, found.name, update.provider_id, update.state, update.error
                )
    return Response(read.answer, media_type=read.answer_type)


async def _project(app: App, channel: Channel, recipient: str) -> ProjectId | None:
    try:
        project = await project_of_address(app.database, channel.name, recipient)
    except ClaimedTwice as claimed:
        log.error("webhook_for_two_projects", error=str(claimed))
        raise ApiError(503, "unavailable") from claimed  # sent again by the provider until it is put right
    if project is None:
        log.warning("webhook_for_unknown_address", channel=channel.name, address=recipient)
    return project


async def _take(app: App, channel: Channel, message: ChannelMessage) -> None:
    """Stores one message for the project it was written to; to nobody's address: counted and dropped."""
    project = await _project(app, channel, message.recipient)
    if project is None:
        MESSAGES.labels(channel.name, "nobody").inc()
        return
    team = await app.team_of(project)
    identified, proved = None, message.proves_identity
    if proved and team.identify is not None:
        engine, _ = await app.staff(project)
        try:
            identified = await team.identify(engine.services, channel.name, message.sender)
        except Unavailable:  # whoever the address was proved to be before, it still is
            proved = False
    stored = await receive(
        app.database,
        app.wakeups,
        InboundMessage(
            project=project,
            channel=channel.name,
            address=message.sender,
            provider_id=message.provider_id,
            text=message.text[: app.settings.max_message_chars],
            sender_name=identified.name if identified else message.sender_name,
            customer=identified.customer if identified else None,
            proved=proved,
            meta=message.meta,
        ),
        per_minute=app.settings.max_messages_per_minute,
        keep_limited=True,
    )
    MESSAGES.labels(channel.name, "stored" if stored.fresh else "repeated").inc()
