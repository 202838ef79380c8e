"""Which architecture a published name means, so that the same network can be looked up in every zoo.

From general to particular: a name is brought to a *plain form* (lower case, only letters and numbers, `-` between two
numbers; marks of quantisation, opset and export route taken off and kept as facets), an alias of its zoo is looked up,
and the first rule of `names.toml` that matches all of the plain form gives the architecture. A name that no rule
matches is left alone: it stands for itself.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files

import msgspec

from zoodiff.fault import Refusal

LEFT_ALONE = "left alone"


class Naming(msgspec.Struct, frozen=True):
    """What a model's name says: its architecture, the facets beside it, and what the name leaves open."""

    zoo: str
    name: str
    architecture: str
    """canonical name, shared by all zoos (`resnet50-v1`)"""
    family: str
    """`resnet`; the architecture itself where the name was left alone"""
    rule: str
    """the rule that matched, or `left alone`"""
    why: str = ""
    """what the rule knows that the name does not say"""
    ambiguous: str = ""
    """why the name does not decide; empty where it does"""
    readings: tuple[str, ...] = ()
    """every architecture that an ambiguous name may mean"""
    width: Decimal | None = None
    """width multiplier, where the family has one"""
    size: int | None = None
    """input height and width, where the name states it"""
    quantised: str = ""
    """the mark of quantised weights (`int8`, `qdq`), where there is one"""
    opset: int | None = None
    """the ONNX opset at the end of a file's name"""


class Resolution(msgspec.Struct, frozen=True):
    """The architectures that a user's words mean, with a sentence where they mean several."""

    text: str
    architectures: tuple[str, ...]
    note: str = ""


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of names.toml."""

    family: str
    pattern: str
    architecture: str
    assume: dict[str, str] = {}
    unless: str = ""
    unsaid: str = ""
    readings: tuple[str, ...] = ()
    why: str = ""


class _Alias(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    architecture: str
    why: str


class _Marks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    quantised: tuple[str, ...]
    dropped: tuple[str, ...]
    leading: tuple[str, ...]


class _Book(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of names.toml."""

    parts: dict[str, str]
    marks: _Marks
    alias: dict[str, dict[str, _Alias]]
    rule: tuple[_Rule, ...]


class _Facets(msgspec.Struct, frozen=True):
    """A name without its marks, and the marks."""

    text: str
    size: int | None
    quantised: str
    opset: int | None


@cache
def canonical(zoo: str, name: str) -> Naming:
    """The architecture that a model's name in a zoo means; never fails.

    `zoo` decides on aliases and on whether a last number is an opset (`onnx`); the empty string stands for no zoo, as
    for what a user types or a file is called. Case and the kind of separator make no difference, and a canonical name
    means itself.
    """
    naming = _read(zoo, name, _facets(name, opset=zoo == "onnx"))
    if naming.rule == LEFT_ALONE and not zoo:
        shorter = _read(zoo, name, _facets(name, opset=True))
        return naming if shorter.rule == LEFT_ALONE else shorter
    return naming


def resolve(text: str, known: Iterable[str]) -> Resolution:
    """The known architectures that a user's text means: one, all readings of an ambiguous name, or a whole family.

    Where the zoos' habit prefers one reading (`resnet50` for its V1), that one is meant, and the others are named.
    Raises Refusal with the nearest known names where it means none of them.
    """
    known = tuple(known)
    naming = canonical("", text)
    if readings := tuple(name for name in known if name in naming.readings):
        said = f"{text!r} is ambiguous: {naming.ambiguous}"
        if naming.architecture not in readings:
            return Resolution(text, readings, said)
        others = ", ".join(name for name in readings if name != naming.architecture)
        return Resolution(text, (naming.architecture,), f"{said}. Also there: {others}" if others else said)
    if naming.architecture in known:
        note = f"{text!r} is ambiguous: {naming.ambiguous}" if naming.ambiguous else ""
        return Resolution(text, (naming.architecture,), note)
    if family := tuple(name for name in known if _plain(canonical("", name).family) == _plain(text)):
        return Resolution(text, family, f"{text!r} names a family of {len(family)}")
    raise Refusal(f"no architecture {text!r}", _nearest(text, known))


def extends(name: str, other: str) -> bool:
    """Whether a canonical name is a longer form of another: `vgg16-bn` and `resnet50-v1.5` of `vgg16`, `resnet50-v1`.

    A name that goes on with a digit says another number, no more of the same: `resnet101-v1` is not of `resnet10`.
    """
    return name.startswith(other) and name != other and not name[len(other)].isdigit()


def table(models: Mapping[str, Iterable[str]]) -> tuple[Naming, ...]:
    """How every model of the given zoos (names by zoo) was matched; those left alone come last."""
    namings = (canonical(zoo, name) for zoo, names in models.items() for name in names)
    return tuple(sorted(namings, key=lambda n: (n.rule == LEFT_ALONE, n.family, n.architecture, n.zoo, n.name)))


def _read(zoo: str, name: str, facets: _Facets) -> Naming:
    """The naming of a name whose marks are taken off."""
    plain = _plain(facets.text)
    for mark in _book().marks.leading:
        plain = plain.removeprefix(mark)
    alias = _book().alias.get(zoo, {}).get(plain)
    text = _plain(alias.architecture) if alias else plain
    for rule, pattern in _rules():
        if match := pattern.fullmatch(text):
            return _apply(rule, match, zoo, name, facets, alias)
    slug = "-".join(re.findall(r"[a-z0-9.]+", facets.text)) or name
    return Naming(zoo, name, slug, slug, LEFT_ALONE, size=facets.size, quantised=facets.quantised, opset=facets.opset)


def _apply(rule: _Rule, match: re.Match[str], zoo: str, name: str, facets: _Facets, alias: _Alias | None) -> Naming:
    said = {group.rstrip("_"): value for group, value in match.groupdict().items() if value is not None}
    parts = rule.assume | said
    words = {key: _SPELL.get(key, _dotted)(value) for key, value in parts.items()}
    absent = {group.rstrip("_"): "" for group in match.re.groupindex}
    open_ = bool(rule.unsaid) and rule.unless not in said
    return Naming(
        zoo,
        name,
        rule.architecture.format_map(absent | words),
        rule.family,
        rule=f"alias of {zoo}" if alias else rule.family,
        why=alias.why if alias else rule.why,
        ambiguous=rule.unsaid if open_ else "",
        readings=tuple(reading.format_map(absent | words) for reading in rule.readings) if open_ else (),
        width=_multiplier(parts["width"]) if "width" in parts else None,
        size=int(said["size"]) if "size" in said else facets.size,
        quantised=facets.quantised,
        opset=facets.opset,
    )


def _facets(name: str, opset: bool) -> _Facets:
    """Take off what a name says beside the network: file suffix, `@size`, quantisation, opset, export route."""
    text = name.lower().removesuffix(".onnx").strip()
    text, size = _last_number(text, r"@(\d{1,9})$")
    text, quantised = _mark(text)
    number = None
    if opset:
        text, number = _last_number(text, r"[-_ ](\d{1,9})$")
    for mark in _book().marks.dropped:
        text = re.sub(rf"[-_ (]*{mark}\)?", "-", text).strip("-")
    return _Facets(text, size, quantised, number)


def _mark(text: str) -> tuple[str, str]:
    """Split a mark of quantisation off the end."""
    for mark in _book().marks.quantised:
        if match := re.search(rf"[-_ (]+{mark.strip('-').replace('8bit', '8-?bit')}\)?$", text):
            return text[: match.start()], mark.strip("-")
    return text, ""


def _last_number(text: str, pattern: str) -> tuple[str, int | None]:
    match = re.search(pattern, text)
    return (text[: match.start()], int(match[1])) if match else (text, None)


def _plain(text: str) -> str:
    """Lower case, only letters and numbers, `-` between two numbers: `MobileNet_v2_1.4` is mobilenetv2-1-4."""
    tokens = re.findall(r"[a-z]+|\d+", text.lower())
    pairs = zip(["", *tokens], tokens, strict=False)
    return "".join(f"-{now}" if before.isdigit() and now.isdigit() else now for before, now in pairs)


def _nearest(text: str, known: tuple[str, ...]) -> str:
    from rapidfuzz import fuzz, process

    near = [name for name, _, _ in process.extract(text.lower(), known, scorer=fuzz.WRatio, limit=5)]
    return f"Nearest: {', '.join(near)}." if near else "No architecture is known: gather a zoo first."


@cache
def _book() -> _Book:
    return msgspec.convert(tomllib.loads((files("zoodiff") / "names.toml").read_text(encoding="utf-8")), _Book)


@cache
def _rules() -> tuple[tuple[_Rule, re.Pattern[str]], ...]:
    """The rules with their patterns, common parts filled in."""

    def pattern(rule: _Rule) -> re.Pattern[str]:
        text = rule.pattern
        for part, expression in _book().parts.items():
            text = text.replace(f"{{{part}}}?", f"(?:{expression})?").replace(f"{{{part}}}", f"(?:{expression})")
        return re.compile(text)

    return tuple((rule, pattern(rule)) for rule in _book().rule)


def _dotted(value: str) -> str:
    return value.replace("-", ".")


def _multiplier(value: str) -> Decimal:
    """A width multiplier as names write it: `0-75`, `075` and `1` are 0.75, 0.75 and 1."""
    number = Decimal(_dotted(value)) if "-" in value or len(value) == 1 else Decimal(value).scaleb(-2)
    return Decimal(1) if number == 1 else number.normalize()


def _spell_width(value: str) -> str:
    multiplier = _multiplier(value)
    return "" if multiplier == 1 else f"-x{multiplier}"


def _spell_hundreds(value: str) -> str:
    """RegNet's three digits as the papers write them: `004` is 400mf, `016` 1.6gf, `320` 32gf."""
    hundreds = int(value)
    return f"{hundreds}00mf" if hundreds < 10 else f"{(Decimal(hundreds) / 10).normalize():f}gf"


_SPELL: dict[str, Callable[[str], str]] = {
    "width": _spell_width,
    "hundreds": _spell_hundreds,
    "bn": "-{}".format,
    "minimal": "-{}".format,
}
