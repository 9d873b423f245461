"""The Discord bot and how an Answer looks in Discord."""
