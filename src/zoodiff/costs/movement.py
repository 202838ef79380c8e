"""Data movement: no arithmetic, so no cost, whatever the shapes.

Copying, selecting, reordering, generating constants, changing the element type, and reading a tensor's shape. Dropout
is here because it does nothing in inference.
"""

from __future__ import annotations

from zoodiff.costs._cost import Role, free

OPERATORS = dict.fromkeys(
    (
        *(
            "Identity",
            "Dropout",
            "Cast",
            "CastLike",
            "BitCast",
            "Constant",
            "ConstantOfShape",
            "EyeLike",
            "OneHot",
            "Range",
        ),
        *("Shape", "Size", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Pad"),
        *("Concat", "Split", "Slice", "CenterCropPad", "Gather", "GatherElements", "GatherND", "Compress", "Where"),
        *("DepthToSpace", "SpaceToDepth", "ReverseSequence", "Trilu", "Scatter", "TensorScatter", "MaxUnpool"),
        *("SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength"),
        *("ConcatFromSequence", "SplitToSequence", "Optional", "OptionalGetElement", "OptionalHasElement"),
        *("com.microsoft::Pad", "com.microsoft::Trilu", "com.microsoft::ExpandDims", "com.microsoft::GatherND"),
    ),
    free,
)

ROLES = {
    "Pad": {2: Role.SETTING},
    "OneHot": {2: Role.SETTING},
    "Dropout": {1: Role.SETTING},
    "com.microsoft::Pad": {2: Role.SETTING},
}
