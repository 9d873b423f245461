"""The conversation in a terminal, and how answers look there."""
