"""The marketing team's works over the API: brief, persona, findings, content, analyses, exports."""
