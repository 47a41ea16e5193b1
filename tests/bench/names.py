"""A million names of places for the search: estates with their buildings and entrances, streets, shops, checkpoints.

The names are invented from the characters that such names are made of, some far more often than others; chains and
building numbers repeat thousands of times, as they do. The places lie around the demo city, dense in the middle.
"""

import random
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from math import cos, radians
from typing import Any
from uuid import UUID

import psycopg

from grids.search.spelling import spell
from tests.bench.city import City

NAMES = 1_000_000
LON, LAT = 111.70, 40.82
SPREAD_KM = 9.0
STAMP = UUID(int=0)
WEIGHTS = {"estate": 85, "street": 65, "shop": 60, "checkpoint": 45, "building": 40, "stairwell": 20}
FIRST_KEY = 10_000_000  # beyond the demo city's own ids
COMMON = "金新华福安和平东西南北中大长天龙凤锦祥瑞丽春景阳光明星城江河湖海山水泉溪柳松竹梅兰桂花园林森"
RARE = (
    "苑庭府邸台阁轩榭坊里弄巷桥渡口滩洲岛湾港塘池沟渠堤坝关门楼塔寺庙观堂宫殿石玉珠宝银铜铁木火土日月云雨风雪霜"
    "露虹霞青红紫翠碧蓝绿白黄金朱丹彩秀雅清静宁泰康健乐嘉佳美善仁义礼智信忠孝廉勤学文武英才俊杰鸿鹏鹤鹭雁莺燕马"
    "牛羊鹿虎豹狮象鱼龟贝建设工农商学兵民族团结友谊胜利解放朝晖旭昌盛兴旺发达富贵荣裕丰盈聚汇源泽润滨沿岸"
)
ESTATES = ("小区", "花园", "苑", "家园", "新村", "公寓", "名邸", "雅居", "家属院", "府", "湾", "国际城")
STREETS = ("路", "街", "大街", "巷", "胡同", "东路", "西路", "南路", "北路", "中路", "北街", "南街")
TRADES = (
    "面馆",
    "超市",
    "便民店",
    "药店",
    "理发店",
    "五金店",
    "烟酒店",
    "水果店",
    "幼儿园",
    "诊所",
    "快递驿站",
    "早点铺",
)
CHAINS = (
    "中国银行",
    "建设银行",
    "便民超市",
    "老百姓药房",
    "邮政储蓄银行",
    "中国移动营业厅",
    "人民医院社区门诊",
    "大润发超市",
)
POINTS = (
    "北门",
    "南门",
    "东门",
    "西门",
    "消防通道",
    "宣传栏",
    "垃圾投放点",
    "充电棚",
    "公厕",
    "停车场",
    "广场",
    "集贸市场",
)
Spelt = tuple[str, tuple[str, ...], tuple[str, ...], str]


def fill(city: City) -> None:
    """Fill a city's index up to a million names; the indexes are made anew afterwards, which is quicker."""
    with psycopg.connect(city.conninfo, autocommit=True) as link:
        held = link.execute("select count(*) from grids_searchname").fetchone()
        assert held is not None
        if held[0] >= NAMES:
            return
        link.execute("set maintenance_work_mem = '256MB'")
        indexes = link.execute(
            "select indexname, indexdef from pg_indexes where tablename = 'grids_searchname'"
            " and indexname like 'search\\_name\\_%' and indexname <> 'search_name_once'"
        ).fetchall()
        for name, _definition in indexes:
            link.execute(f'drop index "{name}"')
        columns = "source, source_key, kind, region_code, name, name_en, text, key, pinyin, sounds, initials"
        with link.cursor() as cursor, cursor.copy(
            f"copy grids_searchname ({columns}, weight, point, box, stamp) from stdin"
        ) as copy:  # fmt: skip
            for row in rows(NAMES - held[0]):
                copy.write_row(row)
        for _name, definition in indexes:
            link.execute(definition)
        link.execute("vacuum analyze grids_searchname")


def rows(count: int, seed: int = 11) -> Iterator[tuple[Any, ...]]:
    """Yield so many rows of the index."""
    rng = random.Random(seed)
    for key, (kind, parts, lon, lat) in enumerate(islice(_named(rng), count), FIRST_KEY):
        yield _row(key, kind, parts, lon, lat)


def _named(rng: random.Random) -> Iterator[tuple[str, tuple[str, ...], float, float]]:
    """Yield kinds, names in parts and places, for ever."""
    while True:
        lon, lat = _somewhere(rng)
        estate = (_word(rng), rng.choice(ESTATES))
        yield "estate", estate, lon, lat
        for number in range(1, rng.randint(12, 80)):
            at = _beside(rng, lon, lat, 150)
            yield "building", (*estate, f"{number}号楼"), *at
            if rng.random() < 0.14:
                for entrance in range(1, rng.randint(2, 5)):
                    yield "stairwell", (*estate, f"{number}号楼", f"{entrance}单元"), *_beside(rng, *at, 20)
        for point in rng.sample(POINTS, 4):
            yield "checkpoint", (*estate, point), *_beside(rng, lon, lat, 120)
        for _turn in range(rng.randint(1, 3)):
            yield "street", (_word(rng), rng.choice(STREETS)), *_beside(rng, lon, lat, 300)
        for _turn in range(rng.randint(4, 14)):
            at = _beside(rng, lon, lat, 300)
            chain = rng.random() < 0.3
            name = (rng.choice(CHAINS), _word(rng), "店") if chain else (_word(rng), rng.choice(TRADES))
            yield "shop", name, *at


def _word(rng: random.Random) -> str:
    """Return two or three characters; the common ones ten times as often as the rare ones."""
    size = 2 if rng.random() < 0.8 else 3
    return "".join(rng.choice(COMMON if rng.random() < 0.6 else RARE) for _turn in range(size))


def _somewhere(rng: random.Random) -> tuple[float, float]:
    return _beside(rng, LON, LAT, SPREAD_KM * 1000 * abs(rng.gauss(0, 1)))


def _beside(rng: random.Random, lon: float, lat: float, metres: float) -> tuple[float, float]:
    return (
        lon + rng.uniform(-metres, metres) / (111_320 * cos(radians(lat))),
        lat + rng.uniform(-metres, metres) / 110_950,
    )


@lru_cache(maxsize=200_000)
def _spelt(text: str) -> Spelt:
    spelling = spell(text)
    return spelling.key, spelling.pinyin, spelling.sounds, spelling.initials


def _row(key: int, kind: str, parts: tuple[str, ...], lon: float, lat: float) -> tuple[Any, ...]:
    spelt = [_spelt(part) for part in parts]
    name = "".join(parts)
    source = kind if kind in {"building", "stairwell", "checkpoint", "street"} else "place"
    return (
        source,
        key,
        kind,
        "150199001001",
        name,
        "",
        name,
        "".join(part[0] for part in spelt),
        " ".join(sound for part in spelt for sound in part[1]),
        " ".join(sound for part in spelt for sound in part[2]),
        "".join(part[3] for part in spelt),
        WEIGHTS.get(kind, 60),
        f"SRID=4326;POINT({lon:.7f} {lat:.7f})",
        [lon, lat, lon, lat],
        STAMP,
    )
