"""A new migration folder from DDL: what it holds, and how it changes without losing edits.

Imports core, jinja2 and, for the diagram alone, matplotlib. Nothing here touches a database.
"""
