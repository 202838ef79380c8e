'''Statements: what the study of 2022 printed, one file each; finds the same numbers in the tool's own data.

A unit's id is the statement's in `study2022.toml`, which has its words and its printed numbers. It binds
`RESTS_ON` (`claims`, `counts` or `graphs`) and `answer(then: Then, told: Statement) -> Answer`: a number of its own
for each that is printed, from claims and measurements alone, why it is what it is, and the evidence. Its docstring is
what `explain` prints. A unit never looks at `told.paper` to make its numbers; it may to say why they are others.

Worked example::

    """How many architectures have a claim of two zoos."""
    from zoodiff.survey.original import Statement
    from zoodiff.survey.then import Answer, Then

    RESTS_ON = "claims"

    def answer(then: Then, told: Statement) -> Answer:
        """Count them."""
        return Answer({"architectures": len(then.claims("acc@1"))}, "All that two zoos claim top-1 of.", {})
'''
