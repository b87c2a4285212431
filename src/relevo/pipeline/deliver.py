"""Sends what waits in the outbox, part by part and in order within each conversation."""

import structlog

from relevo.channels.port import Channel, SendFailed, SendLater, SendUnknown
from relevo.domain.ids import ChannelName
from relevo.domain.message import Wake
from relevo.insight.metrics import PARCELS
from relevo.storage.database import Database
from relevo.storage.outbox import Parcel, next_parcel, settle
from relevo.storage.projects import address_of_project

log = structlog.get_logger()

RETRY_SECONDS = (5.0, 30.0, 120.0, 600.0, 3600.0)
"""Waits before the second and later tries; after the last the part has failed."""
SENDING_SECONDS = 60.0
"""A part being sent longer than this has lost its sender."""


async def deliver(database: Database, channels: dict[ChannelName, Channel], wake: Wake) -> None:
    """Sends a conversation's parts until one must wait or none is left.

    A part of which it is not known whether it went out is marked ``unknown``, never sent again by itself;
    the parts after it go on.
    """
    while True:
        async with database.project(wake.project) as connection:
            parcel = await next_parcel(connection, wake, SENDING_SECONDS)
        if parcel is None:
            return
        if not await _send(database, channels, wake, parcel):
            return


async def _send(database: Database, channels: dict[ChannelName, Channel], wake: Wake, parcel: Parcel) -> bool:
    """Sends one part and writes how it went; returns whether the next may follow now."""
    channel = channels.get(parcel.channel)
    outcome, provider_id, error, retry_in = "sent", None, None, None
    try:
        if channel is None:
            raise SendLater(f"channel {parcel.channel} is not configured in this process")
        sender = await address_of_project(database, wake.project, parcel.channel)
        provider_id = await channel.send(sender, parcel.address, parcel.body)
    except SendLater as later:
        error = str(later)
        if parcel.attempts < len(RETRY_SECONDS):
            outcome, retry_in = "due", later.after or RETRY_SECONDS[parcel.attempts]
        else:
            outcome = "failed"
    except SendFailed as failed:
        outcome, error = "failed", str(failed)
    except SendUnknown as unknown:
        outcome, error = "unknown", str(unknown)
    PARCELS.labels(parcel.channel, outcome).inc()
    if error is not None:
        log.warning("parcel_not_sent", channel=parcel.channel, outcome=outcome, error=error)
    async with database.project(wake.project) as connection:
        await settle(
            connection,
            wake.project,
            parcel.id,
            outcome,
            provider_id=provider_id,
            error=error,
            retry_in=retry_in,
        )
    return retry_in is None
