"""Ready teams of agents, each with its own nouns, tools and knowledge, on the one core."""
