"""How names of places are read: pypinyin's phrases, with what it gets wrong in names of places and families.

Bump `EDITION` after a change here or in `grids.search.spelling`: the index then makes its rows anew.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

EDITION = 2

# Names of places whose reading differs from the everyday one (中国地名读音, Ministry of Civil Affairs; our own choice).
_PLACES = """
重庆 chong qing·长安 chang an·厦门 xia men·大厦 da sha·朝阳 chao yang·台州 tai zhou·天台 tian tai·丽水 li shui
六安 lu an·铅山 yan shan·番禺 pan yu·东莞 dong guan·蚌埠 beng bu·乐亭 lao ting·乐清 yue qing·洪洞 hong tong
黄埔 huang pu·大埔 da bu·莘庄 xin zhuang·莘县 shen xian·荥阳 xing yang·涡阳 guo yang·歙县 she xian·盱眙 xu yi
繁峙 fan shi·牟平 mu ping·会稽 kuai ji·十里堡 shi li pu·马家堡 ma jia pu·瓦窑堡 wa yao bu·吴堡 wu bu·柴沟堡 chai gou bu
长子县 zhang zi xian·长治 chang zhi·长兴 chang xing·长乐 chang le·尉氏 wei shi·尉迟 yu chi·单县 shan xian
太行 tai hang·行宫 xing gong·行署 xing shu·行政 xing zheng·银行 yin hang·商行 shang hang·车行 che hang
支行 zhi hang·分行 fen hang·总行 zong hang·工行 gong hang·农行 nong hang·建行 jian hang·中行 zhong hang·招行 zhao hang
里弄 li long·弄堂 long tang·音乐 yin yue·体育场 ti yu chang·市场 shi chang·广场 guang chang·停车场 ting che chang
呼和浩特 hu he hao te·和林格尔 he lin ge er·土默特 tu mo te·大召 da zhao·小召 xiao zhao·百色 bo se·沈阳 shen yang
"""
# Surnames that are read otherwise in everyday words, as they stand in 曾家巷 or 单家村.
_SURNAMES = """
曾 zeng·单 shan·解 xie·仇 qiu·区 ou·查 zha·任 ren·盖 ge·朴 piao·翟 zhai·乐 yue·缪 miao·冼 xian·华 hua·种 chong
员 yun·覃 qin·黑 he·折 she·秘 bi·燕 yan·过 guo·葛 ge·卜 bu·句 gou·祭 zhai·召 shao·纪 ji·洗 xian·隗 wei·召 shao
"""
_VILLAGE = "家"
# Characters read in two ways in names of places: such a name is found by either.
_EITHER = {
    "行": "hang xing", "长": "chang zhang", "重": "chong zhong", "乐": "le yue", "朝": "chao zhao", "厦": "sha xia",
    "弄": "long nong", "堡": "bao pu bu", "埔": "pu bu", "圩": "wei xu", "曾": "ceng zeng", "单": "dan shan",
    "解": "jie xie", "柏": "bai bo", "都": "du dou", "泊": "bo po", "涌": "yong chong", "尉": "wei yu",
    "什": "shi shen",
}  # fmt: skip
# Everyday words in which they are read in one way only.
_WORDS = (
    "单元", "单位", "长途", "首都", "都市", "解放", "重点", "重工", "快乐", "乐园", "行人", "步行", "长城", "停泊",
)  # fmt: skip
MOST_READINGS = 3


def _entries(table: str) -> list[tuple[str, list[str]]]:
    pairs = (entry.split(maxsplit=1) for line in table.strip().splitlines() for entry in line.split("·"))
    return [(word, sounds.split()) for word, sounds in pairs]


_CERTAIN = (*_WORDS, *(word for word, _sounds in _entries(_PLACES)))


@cache
def _reader() -> Callable[..., list[str]]:
    from pypinyin import lazy_pinyin, load_phrases_dict

    load_phrases_dict({word: [[sound] for sound in sounds] for word, sounds in _entries(_PLACES)})
    load_phrases_dict({name + _VILLAGE: [sounds, ["jia"]] for name, sounds in _entries(_SURNAMES)})
    return lazy_pinyin


def read(text: str) -> list[str]:
    """Return the syllable of every character of a text without tones, ü as v; what has none stands for itself."""
    return _reader()(text, errors=_singly, v_to_u=False)


def _singly(other: str) -> Any:
    return list(other)


def _places_of(word: str, text: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def readings(text: str) -> list[list[str]]:
    """Return the likeliest reading and up to two others, where a character of the text is read in two ways."""
    found = [read(text)]
    certain = {
        place for word in _CERTAIN for start in _places_of(word, text) for place in range(start, start + len(word))
    }
    for place, character in enumerate(text):
        if place in certain:
            continue
        for sound in _EITHER.get(character, "").split():
            other = [*found[0][:place], sound, *found[0][place + 1 :]]
            if other not in found and len(found) < MOST_READINGS:
                found.append(other)
    return found
