"""Whether stores will accept a release's codes, cover and title: pure rules, no I/O."""

from relevo.teams.music.metadata.artwork import Artwork, Shown, check_artwork
from relevo.teams.music.metadata.codes import check_isrc, check_upc
from relevo.teams.music.metadata.titles import check_title

__all__ = ["Artwork", "Shown", "check_artwork", "check_isrc", "check_title", "check_upc"]
