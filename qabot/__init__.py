"""qabot answers questions about a folder of news reporting, from its own words."""

__version__ = "0.1.0"
