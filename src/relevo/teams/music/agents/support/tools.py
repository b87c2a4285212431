"""What Support can do: look at releases, check codes, covers and titles, open tickets, ask for a takedown."""

from typing import Annotated, Any

from pydantic import Field

from relevo.agents.tool import Proposal, ToolContext, tool
from relevo.desk.tickets import Tickets
from relevo.teams.music.backend.plans import load_terms
from relevo.teams.music.backend.reasons import Reason
from relevo.teams.music.backend.releases import ReleaseId, ReleaseState
from relevo.teams.music.metadata import Artwork, Shown, check_artwork, check_isrc, check_title, check_upc
from relevo.teams.music.metadata.artwork import MOST_MEGABYTES, SIDE
from relevo.teams.music.releases_told import in_brief, in_full, named
from relevo.teams.music.shared_tools import check_identity as check_identity
from relevo.teams.music.shared_tools import get_terms as get_terms
from relevo.teams.music.shared_tools import get_ticket as get_ticket
from relevo.teams.music.shared_tools import search_help as search_help
from relevo.teams.music.telling import SPOKEN_OF, distributor, refusal, refusals_told, told

Title = Annotated[str, Field(min_length=1, max_length=400, description="the release's title")]
Code = Annotated[str | None, Field(max_length=60)]

_RECENT = 5
_GOING = frozenset({ReleaseState.TAKEDOWN_REQUESTED, ReleaseState.TAKEN_DOWN})
_IN_STORES = frozenset({ReleaseState.LIVE, ReleaseState.SCHEDULED})


@tool()
async def check_release_status(
    context: ToolContext,
    title: Title | None = None,
    store: Annotated[str | None, Field(max_length=60, description="one store that is asked about")] = None,
) -> dict[str, Any]:
    """The state of a release, by its title: per store, its UPC and ISRCs, and why it was rejected, if it was.

    Returns ``release`` (None without a title; ``track`` in it is the track named), ``in_store`` (how it
    stands in ``store``), ``releases`` (the newest), ``rejected`` (to be corrected) and how many working days
    the review and stores take.
    """
    customer = context.customer()
    context.learn(SPOKEN_OF, "release")
    backend = distributor(context)
    found = await named(context, customer, title) if title else None
    releases = await backend.releases(customer)
    terms = load_terms()
    release = await in_full(backend, customer, found, context.language) if found else None
    wanted = store.lower() if store else None
    return {
        "release": release,
        "in_store": next((each for each in release["stores"] if each["store"].lower() == wanted), None)
        if release
        else None,
        "store": store,
        "review_days": terms.review_days,
        "store_days": list(terms.store_days),
        "releases": [in_brief(release, context.language) for release in releases[:_RECENT]],
        "more": max(0, len(releases) - _RECENT),
        "rejected": [
            in_brief(release, context.language)
            for release in releases
            if release.state is ReleaseState.REJECTED
        ],
    }


@tool()
async def check_metadata(
    context: ToolContext,
    isrc: Code = None,
    upc: Code = None,
    title: Annotated[
        str | None, Field(max_length=400, description="a title to be judged as stores do")
    ] = None,
    artwork_width: Annotated[int | None, Field(ge=1, le=100_000, description="pixels")] = None,
    artwork_height: Annotated[int | None, Field(ge=1, le=100_000, description="pixels")] = None,
    artwork_megabytes: Annotated[float | None, Field(ge=0, le=10_000)] = None,
    artwork_format: Annotated[str | None, Field(max_length=20, description="such as jpg")] = None,
    artwork_colour: Annotated[str | None, Field(max_length=20, description="such as RGB or CMYK")] = None,
    artwork_shows: Annotated[list[Shown] | None, Field(description="what can be seen on the cover")] = None,
) -> dict[str, Any]:
    """Checks an ISRC, a UPC/EAN, a title or a cover by the stores' rules; without any, just the rules.

    Returns ``checks`` (each with ``what``, ``value``, ``ok`` and ``problems``), ``ok`` and ``artwork_rules``.
    """
    checks: list[dict[str, Any]] = []

    def judged(what: str, value: str, problems: tuple[Reason, ...]) -> None:
        checks.append(
            {
                "what": what,
                "value": value,
                "ok": not problems,
                "problems": [told(problem, context.language) for problem in problems],
            }
        )

    if isrc is not None:
        judged("isrc", isrc, check_isrc(isrc))
    if upc is not None:
        judged("upc", upc, check_upc(upc))
    if title is not None:
        context.learn(SPOKEN_OF, "title")
        judged("title", title, check_title(title))
    cover = Artwork(
        artwork_width,
        artwork_height,
        artwork_megabytes,
        artwork_format,
        artwork_colour,
        frozenset(artwork_shows or ()),
    )
    if cover != Artwork():
        size = "x".join(str(side) for side in (cover.width, cover.height) if side is not None)
        judged("artwork", size, check_artwork(cover))
    return {
        "checks": checks,
        "ok": all(check["ok"] for check in checks),
        "artwork_rules": {"size": f"{SIDE}x{SIDE}", "megabytes": MOST_MEGABYTES},
    }


@tool(effect=True)
async def create_ticket(
    context: ToolContext,
    subject: Annotated[str, Field(min_length=1, max_length=120, description="the matter in a few words")],
    summary: Annotated[str, Field(min_length=1, max_length=2000, description="what happened, with titles")],
    matter: Annotated[
        str | None, Field(max_length=40, description="a word for the kind of matter: one ticket for each")
    ] = None,
) -> dict[str, Any]:
    """Opens a ticket for the team about something that only a person can fix; returns its number.

    Of the same matter or subject there is one ticket: asked again, it is the one that is open.
    """
    earlier = context.state.facts.get("ticket")
    if isinstance(earlier, dict) and (
        earlier.get("about") == subject or (matter is not None and earlier.get("matter") == matter)
    ):
        return {"number": earlier["number"], "subject": earlier["about"], "already": True}
    ticket = await context.service(Tickets).open(
        context, subject=subject, summary=summary, reason="reported to support"
    )
    context.learn("ticket", {"number": ticket.number, "about": subject, "matter": matter})
    return {"number": ticket.number, "subject": ticket.subject, "already": False}


@tool(confirm=True)
async def request_takedown(
    context: ToolContext,
    title: Title,
    only_store: Annotated[
        str | None, Field(max_length=60, description="the store, where it is to leave just one")
    ] = None,
) -> Proposal:
    """Proposes to remove a release from all stores; it is asked for only after the customer confirms."""
    customer = context.customer()
    account = await distributor(context).customer_by_ref(customer)
    if account is not None and account.frozen is not None:
        raise refusal(Reason("takedown_while_frozen"))
    found = await named(context, customer, title)
    release = found.release
    if found.track is not None:
        raise refusal(Reason("takedown_of_track", {"track": found.track.title, "title": release.title}))
    if only_store is not None:
        raise refusal(Reason("takedown_of_one_store", {"title": release.title, "store": only_store}))
    if release.state in _GOING:
        raise refusal(Reason("takedown_already_requested", {"title": release.title}))
    if release.state not in _IN_STORES:
        raise refusal(Reason("not_in_stores", {"title": release.title}))
    deliveries = await distributor(context).deliveries(customer, release.id)
    context.learn(SPOKEN_OF, "takedown")
    return Proposal(
        arguments={"release": release.id, "title": release.title},
        shown={
            "title": release.title,
            "artist": release.artist,
            "stores": len(deliveries),
            "store_days": list(load_terms().store_days),
        },
    )


@request_takedown.confirmed
async def take_down(context: ToolContext, release: str, title: str) -> dict[str, Any]:
    """Asks for exactly the confirmed release to be removed."""
    with refusals_told():
        takedown = await distributor(context).request_takedown(
            context.customer(), ReleaseId(release), context.idempotency_key
        )
    context.learn(SPOKEN_OF, "requested")
    return {
        "number": takedown.number,
        "title": takedown.title,
        "requested_at": takedown.requested_at.isoformat(),
        "store_days": list(load_terms().store_days),
    }
