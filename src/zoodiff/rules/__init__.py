"""Rules: one file each; a rule looks at one architecture's models side by side and says what is worth knowing.

A unit binds `SEVERITY` ("high", "medium", "low" or "info": the most it ever reports) and
`judge(group: Group) -> Iterator[Finding]`. Its docstring is what `explain` prints: the first line is the title, then
why it matters and what to do. A rule never names a model or a zoo: it fires on what the numbers are.
"""
