"""What the marketing team brings along: its own routing, and the analyses it runs in the background."""

from relevo.agents.background import Chore, Hands
from relevo.teams.marketing.background import Analyses
from relevo.teams.marketing.policy import routing

__all__ = ["background", "routing"]


def background(hands: Hands) -> Chore:
    """The whole analyses of every project."""
    return Analyses(hands)
