"""The report model, rendered: HTML and CSV for people, JSON for machines, text for mail.

Imports core, jinja2 (HTML) and pydantic (the JSON schema).
"""
