"""ADMW: move flat files into a relational database and prove that nothing changed on the way."""

__version__ = "0.1.0"
