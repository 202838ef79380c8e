"""Views: one file per way of showing an audit; a view only walks what was compared, and computes nothing.

A unit binds `write(audit: Audit, folder: Path) -> list[Path]`: the files it wrote, or none where a part that it
needs is not installed. The docstring's first line says what it makes.
"""
