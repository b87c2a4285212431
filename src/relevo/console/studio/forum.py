"""The forum: the persona complains in a thread, each post with what it wishes for."""

from fastapi import Request
from nicegui import ui

from relevo.console.frame import frame
from relevo.console.studio.finding import finding
from relevo.teams.marketing.desk import Desk
from relevo.teams.marketing.findings import Forum
from relevo.teams.marketing.forum import simulate_forum


@ui.page("/studio/forum")
async def forum(request: Request) -> None:
    async with frame(request, "forum") as seat:
        if seat is None:
            return

        async def show(found: Forum, desk: Desk) -> None:
            with ui.card().classes("card"):
                ui.label(found.title).classes("heading")
                ui.label(seat.say("bias", share=f"{found.agreement_bias:.0%}")).classes("soft")
                for post in found.posts:
                    with ui.element("div").classes("post praises" if post.praises else "post") as box:
                        box.props(f"id=post-{post.number} data-testid=post")
                        ui.label(f"{post.number}. {post.author}").classes("strong")
                        ui.label(post.text).classes("text")
                        if post.wish:
                            ui.label(f"{seat.say('wish')}: {post.wish}").classes("wish")

        await finding(seat, Forum, simulate_forum, show)
