"""What is remembered, in layers: session, history, profile; one manager gathers them for every agent."""
