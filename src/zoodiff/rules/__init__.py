"""Rules: one file each; a rule looks at the models of a study side by side and says what is worth knowing.

A unit binds `judge(study: Study) -> Iterator[Finding]`. Its id is the file's name, with dashes. Its docstring is what
`explain` prints: the first line is the title, then why it matters and what to do. A rule never names a model or a zoo:
it fires on what the numbers are, and stays silent where they are not known.
"""
