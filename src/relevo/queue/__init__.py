"""Hints between those who receive, work and watch; lost, doubled or reordered, they do no harm."""
