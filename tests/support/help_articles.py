"""A small help of a test's own: two articles in both languages, as a team's folder holds them."""

from pathlib import Path

ARTICLES = {
    ("es", "vinyl"): (
        "Prensado de vinilos",
        "[vinilo, disco]",
        "Prensamos vinilos de 12 pulgadas desde 100 copias.\nTardan ocho semanas.\n\n## Colores\n"
        "El vinilo puede ser **negro** o transparente.\n",
    ),
    ("en", "vinyl"): (
        "Pressing vinyl",
        "[vinyl, records]",
        "We press 12-inch vinyl from 100 copies. It takes eight weeks.\n\n## Colours\nBlack or clear.\n",
    ),
    ("es", "karaoke"): (
        "Pistas de karaoke",
        "[karaoke, instrumental]",
        "Una pista de karaoke se sube como versión instrumental.\n\n<script>alert(1)</script> ![x](https://x.test/y)\n",
    ),
    ("en", "karaoke"): (
        "Karaoke tracks",
        "[karaoke, instrumental]",
        "A karaoke track is uploaded as an instrumental version.\n",
    ),
}


def write_help(folder: Path) -> Path:
    """Writes the articles under ``folder`` and returns it."""
    for (language, id), (title, tags, body) in ARTICLES.items():
        path = folder / language / f"{id}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = f"---\ntitle: {title}\ntags: {tags}\nagents: [support]\nreviewed: 2026-11-01\n---\n\n"
        path.write_text(head + body, "utf-8")
    return folder
