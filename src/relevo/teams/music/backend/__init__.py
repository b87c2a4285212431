"""What the distributor knows of its customers and what may be asked of it: a port, and who keeps it."""
