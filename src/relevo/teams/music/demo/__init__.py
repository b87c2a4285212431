"""The demonstration label: three customers with a story, and two hundred to fill the catalogue."""

from relevo.teams.music.demo.load import load_demo
from relevo.teams.music.demo.named import DEMO_CUSTOMERS, DemoCustomer

__all__ = ["DEMO_CUSTOMERS", "DemoCustomer", "load_demo"]
