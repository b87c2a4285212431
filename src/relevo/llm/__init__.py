"""The language model service: one port, one provider client, one retry ladder, prices."""
