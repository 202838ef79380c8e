"""Views: one file per way of showing a study; a view only walks what was compared, and computes nothing.

A unit that writes files binds `write(study: Study, folder: Path) -> list[Path]`: the files it wrote, or none where a
part that it needs is not installed. The docstring's first line says what it makes.
"""
