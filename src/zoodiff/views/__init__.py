"""Views: one file per way of showing a study or a difference; a view only walks what was compared.

A unit that writes files binds `write(study: Study, folder: Path) -> list[Path]`: the files it wrote, or none where a
part that it needs is not installed; one whose files take long binds `write_slowly(study, folder, progress: Progress |
None)`, and tells how many are done. A unit `diff_KIND` shows the difference of two networks and binds
`draw(difference: Difference) -> str`, the file's text. The docstring's first line says what it makes.
"""
