"""What the marketing team brings along: its own routing, and the analyses it runs in the background."""

from relevo.agents.background import Chore, Hands
from relevo.teams.marketing.background import Analyses
from relevo.teams.marketing.demo import load_demo
from relevo.teams.marketing.policy import routing

__all__ = ["background", "demo_project", "load_demo", "routing"]

demo_project = "demo-marketing"


def background(hands: Hands) -> Chore:
    """The whole analyses of every project."""
    return Analyses(hands)
