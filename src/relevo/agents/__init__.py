"""What an agent is: its folder, its tools, its prompt and its playbook; and the team it belongs to."""
