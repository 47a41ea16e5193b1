"""Mandarin syllables as they are typed: which there are, which sound alike, which lie one slip of a finger apart.

The table is Hanyu Pinyin (GB/T 16159) without tones; ü is written v, as input methods have it. No Django here.
"""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache

_FINALS = """
-  a ai an ang ao e ei en eng er o ou yi ya yan yang yao ye yin ying yo yong you yu yuan yue yun wa wai wan wang wei wen weng wo wu
b  a ai an ang ao ei en eng i ian iao ie in ing o u
p  a ai an ang ao ei en eng i ian iao ie in ing o ou u
m  a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u
f  a an ang ei en eng iao o ou u
d  a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo
t  a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo
n  a ai an ang ao e ei en eng i ia ian iang iao ie in ing iu ong ou u uan un uo v ve
l  a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve
g  a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
k  a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
h  a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo
j  i ia ian iang iao ie in ing iong iu u uan ue un
q  i ia ian iang iao ie in ing iong iu u uan ue un
x  i ia ian iang iao ie in ing iong iu u uan ue un
zh a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo
ch a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo
sh a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo
r  an ang ao e en eng i ong ou u ua uan ui un uo
z  a ai an ang ao e ei en eng i ong ou u uan ui un uo
c  a ai an ang ao e ei en eng i ong ou u uan ui un uo
s  a ai an ang ao e en eng i ong ou u uan ui un uo
"""  # noqa: E501 - a table
SYLLABLES = frozenset(
    ("" if head == "-" else head) + final
    for head, *finals in (line.split() for line in _FINALS.strip().splitlines())
    for final in finals
)
INITIALS = frozenset("bpmfdtnlgkhjqxrzcsywaoe")
_NUMBERS = {
    "ling": "0", "yi": "1", "er": "2", "liang": "2", "san": "3", "si": "4", "wu": "5", "liu": "6", "qi": "7",
    "ba": "8", "jiu": "9", "shi": "10",
}  # fmt: skip
_RETROFLEX = {"zh": "z", "ch": "c", "sh": "s"}
_ALIKE = {"l": "n", "f": "h"}
LONGEST = 6
MOST_READINGS = 3
Path = tuple[str, ...]
CostOf = Callable[[str, bool], float | None]


def fold(sound: str) -> str:
    """Return what many speakers do not tell apart as one: zh z, ch c, sh s, -ng -n, l n, f h; also for beginnings."""
    if not sound.isascii() or not sound.isalpha():
        return sound
    head = _RETROFLEX.get(sound[:2])
    if head:
        sound = head + sound[2:]
    sound = _ALIKE.get(sound[0], sound[0]) + sound[1:]
    return sound[:-1] if sound.endswith("ng") and len(sound) > 2 else sound


FOLDED = frozenset(map(fold, SYLLABLES))


@lru_cache(maxsize=2048)
def beginning_with(typed: str) -> frozenset[str]:
    """Return the folded syllables that may become of what is typed so far."""
    return frozenset(fold(sound) for sound in SYLLABLES if sound.startswith(typed))


def numbers_of(sound: str) -> frozenset[str]:
    """Return the digits that are read so: san is 3 as well."""
    return frozenset({_NUMBERS[sound]}) if sound in _NUMBERS else frozenset()


@cache
def slips() -> dict[str, frozenset[str]]:
    """Return, for every string one letter off (wrong, missing, added, two swapped), the syllables it may be."""
    found: dict[str, set[str]] = {}
    for sound in SYLLABLES:
        for wrong in _one_off(sound):
            found.setdefault(wrong, set()).add(sound)
    return {wrong: frozenset(sounds) for wrong, sounds in found.items()}


def meant_by(wrong: str) -> frozenset[str]:
    """Return the syllables one slip away from what was typed."""
    return slips().get(wrong, frozenset()) - {wrong}


def _one_off(word: str) -> Iterator[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        yield from (head + letter + tail for letter in letters)
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in letters)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]


@lru_cache(maxsize=1024)
def split(letters: str) -> tuple[Path, ...]:
    """Return the ways to read letters as syllables, fewest first, at most three; the last may be unfinished."""
    return _cheapest(letters, _whole)


@lru_cache(maxsize=1024)
def split_mixed(letters: str) -> tuple[Path, ...]:
    """Return the ways to read letters as syllables and single initials (jyuan, jinyxq), fewest initials first."""
    return _cheapest(letters, _whole_or_initial)


@lru_cache(maxsize=1024)
def split_wrong(letters: str) -> tuple[Path, ...]:
    """Return the ways to read letters as syllables of which one or two are misspelt."""
    return _cheapest(letters, _whole_or_slip)


def _whole(piece: str, last: bool) -> float | None:
    if piece in SYLLABLES:
        return 1.0 if len(piece) > 1 else 1.7  # a, e and o hardly ever stand alone
    return 1.4 if last and len(piece) > 1 and beginning_with(piece) else None


def _whole_or_initial(piece: str, last: bool) -> float | None:
    if piece in INITIALS or piece in _RETROFLEX:
        return 2.0
    return _whole(piece, last)


def _whole_or_slip(piece: str, last: bool) -> float | None:
    cost = _whole(piece, last)
    return cost if cost is not None or len(piece) < 2 or not meant_by(piece) else 3.0


def _cheapest(letters: str, cost_of: CostOf) -> tuple[Path, ...]:
    """Return the cheapest ways to cut letters into pieces: dynamic programming, the three best kept for each end."""
    start_of_all: list[tuple[float, Path]] = [(0.0, ())]
    best = [start_of_all, *([] for _letter in letters)]
    for end in range(1, len(letters) + 1):
        ways = [
            (cost + before, (*path, letters[start:end]))
            for start in range(max(0, end - LONGEST), end)
            if best[start] and (cost := cost_of(letters[start:end], end == len(letters))) is not None
            for before, path in best[start]
        ]
        best[end] = sorted(ways)[:MOST_READINGS]
    return tuple(path for _cost, path in best[-1])
