"""The help's pages: an article as a customer opens it from an answer, and the list of them."""

from html import escape
from string import Template
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import HTMLResponse

from relevo.api.errors import ApiError
from relevo.api.pages import STATIC
from relevo.api.proxies import app_of
from relevo.domain.ids import ProjectId
from relevo.domain.signals import Language

router = APIRouter(tags=["web"])

Name = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,100}$")]
Lang = Annotated[Language, Query()]
WORDS = {
    Language.ES: {"help": "Ayuda", "all": "Todos los artículos", "other": "English", "back": "Ir al chat"},
    Language.EN: {"help": "Help", "all": "All articles", "other": "Español", "back": "Go to the chat"},
}
_PAGE = Template((STATIC / "help.html").read_text("utf-8"))


@router.get("/help", include_in_schema=False)
async def index(request: Request, lang: Lang = Language.ES) -> HTMLResponse:
    """The first project's articles."""
    return await _index(request, app_of(request).default_project, "/help", lang)


@router.get("/help/{article}", include_in_schema=False)
async def own_article(request: Request, article: Name, lang: Lang = Language.ES) -> HTMLResponse:
    """An article of the first project, or the list of another's."""
    app = app_of(request)
    found = await app.help_of(app.default_project).article(article, lang)
    if found is None:
        return await _index(request, ProjectId(article), f"/help/{article}", lang)
    return _shown(*found, "/help", f"/help/{article}", lang)


@router.get("/help/{project}/{article}", include_in_schema=False)
async def article_of(
    request: Request, project: Name, article: Name, lang: Lang = Language.ES
) -> HTMLResponse:
    found = await app_of(request).help_of(ProjectId(project)).article(article, lang)
    if found is None:
        raise ApiError(404, "not_found")
    return _shown(*found, f"/help/{project}", f"/help/{project}/{article}", lang)


async def _index(request: Request, project: ProjectId, place: str, lang: Language) -> HTMLResponse:
    titles = await app_of(request).help_of(project).titles(lang)
    if not titles:
        raise ApiError(404, "not_found")
    items = "".join(
        f'<li><a href="{place}/{escape(id)}?lang={lang}">{escape(title)}</a></li>' for id, title in titles
    )
    return _page(WORDS[lang]["help"], f"<ul class='articles'>{items}</ul>", place, place, lang)


def _shown(title: str, text: str, place: str, here: str, lang: Language) -> HTMLResponse:
    """The article's Markdown as a page; HTML inside it stays text."""
    from markdown_it import MarkdownIt

    return _page(title, MarkdownIt("js-default").disable("image").render(text), place, here, lang)


def _page(title: str, content: str, place: str, here: str, lang: Language) -> HTMLResponse:
    words = WORDS[lang]
    other = next(each for each in Language if each is not lang)
    page = _PAGE.substitute(
        lang=lang, title=escape(title), content=content, place=f"{place}?lang={lang}", all=words["all"],
        other=words["other"], other_lang=other, other_place=f"{here}?lang={other}", back=words["back"],
    )  # fmt: skip
    return HTMLResponse(page, headers={"Cache-Control": "no-cache"})
