"""Local triage: reads language, intent, sentiment, stakes and priority of a message without any model."""
