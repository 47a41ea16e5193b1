"""Names of places for the tests of the search, and what finds which of them."""

from django.contrib.gis.geos import LineString

from grids.models import Building, Place, Stairwell, Street
from grids.search import index
from grids.search.query import Query, read_query
from tests.town import Town, at, box

ESTATES = {
    "锦园小区西区": ["锦园小区", "纺织院"], "锦绣家园": [], "锦苑": [], "金源国际": [], "柳溪湾": [], "北辰雅居": [],
    "北辰新村": [], "长安花园": [], "厦门里": [], "重庆坊": [], "临江府": [], "领江阁": [], "三里新居": [],
    "十三里铺": [],
}  # fmt: skip
OTHERS = {
    "青岚区人民医院": ("hospital", ["区医院", "人民医院"]),
    "南市小吃街": ("shop", ["夜市"]),
    "利民农贸市场": ("market", ["利民菜市场"]),
    "青岚第一中学": ("school", ["第一中学"]),
    "青岚第三中学": ("school", ["第三中学"]),
    "青岚北站": ("station", ["北站", "火车站"]),
    "中国银行": ("shop", []),
    "人民医院公厕": ("toilet", []),
}
STREETS = ("锦园北街", "锦绣大街", "长安街", "新华路")


def write_names(town: Town) -> Town:
    """Write estates in a row, 100 m apart from west to east, buildings in two of them, and what a town has besides."""
    for east, (name, aliases) in enumerate(ESTATES.items()):
        Place.objects.create(
            source_id=name, name=name, aliases=aliases, kind="estate", geom=box(east, 0, east + 0.9, 0.9)
        )
    for north, (name, (kind, aliases)) in enumerate(OTHERS.items()):
        Place.objects.create(source_id=name, name=name, aliases=aliases, kind=kind, geom=at(0.5, 2 + north))
    Place.objects.filter(name="锦绣家园").update(name_en="Jinxiu Homes")
    for name in STREETS:
        Street.objects.create(source_id=name, name=name, kind="primary", geom=line(1, 2))
        Street.objects.create(source_id=f"{name}2", name=name, kind="primary", geom=line(2, 3))
    for estate, west in (("锦园小区", 0.0), ("柳溪湾", 4.0)):
        for number in (1, 3, 12, 13):
            where = box(west + number / 20, 0.1, west + number / 20 + 0.04, 0.2)
            row = Building.objects.create(
                source_id=f"{estate}{number}", name=f"{number}号楼", estate=estate, geom=where
            )
            for entrance in (1, 3):
                Stairwell.objects.create(
                    source_id=f"{row.source_id}-{entrance}",
                    building=row,
                    label=f"{entrance}单元",
                    geom=at(west + number / 20, 0.1),
                )
    index.reconcile()
    return town


def line(west: float, east: float) -> LineString:
    return LineString(at(west, 1.5), at(east, 1.5), srid=4326)


def read(text: str) -> Query:
    query = read_query(text)
    assert query
    return query


def near(east: float, north: float) -> tuple[float, float]:
    point = at(east, north)
    return point.x, point.y


GOLDENS = [
    ("锦园小区", "锦园小区西区"),
    ("纺织院", "锦园小区西区"),
    ("jinyuanxiaoqu", "锦园小区西区"),
    ("jin yuan xiao qu", "锦园小区西区"),
    ("jinyuanxiao", "锦园小区西区"),
    ("jyxq", "锦园小区西区"),
    ("jyuanxq", "锦园小区西区"),
    ("锦yuanxiaoqu", "锦园小区西区"),
    ("JINYUANXIAOQU", "锦园小区西区"),
    ("锦圆小区", "锦园小区西区"),
    ("绵园小区", "锦园小区西区"),
    ("锦园区", "锦园小区西区"),
    ("jinyaunxiaoqu", "锦园小区西区"),
    ("jinyuanxioaqu", "锦园小区西区"),
    ("jingyuanxiaoqu", "锦园小区西区"),
    ("锦苑", "锦苑"),
    ("jinyuan", "锦苑"),
    ("金源", "金源国际"),
    ("linjiang", "临江府"),
    ("lingjiang", "领江阁"),
    ("ningjiangfu", "临江府"),
    ("lxw", "柳溪湾"),
    ("niuxiwan", "柳溪湾"),
    ("changan", "长安街"),
    ("changanhuayuan", "长安花园"),
    ("xiamenli", "厦门里"),
    ("chongqing", "重庆坊"),
    ("人民医院", "青岚区人民医院"),
    ("renminyiyuan", "青岚区人民医院"),
    ("rmyy", "青岚区人民医院"),
    ("人明医院", "青岚区人民医院"),
    ("renmingyiyuan", "青岚区人民医院"),
    ("区医院", "青岚区人民医院"),
    ("夜市", "南市小吃街"),
    ("yeshi", "南市小吃街"),
    ("小吃街", "南市小吃街"),
    ("菜市场", "利民农贸市场"),
    ("nongmaoshichang", "利民农贸市场"),
    ("longmao", "利民农贸市场"),
    ("第一中学", "青岚第一中学"),
    ("第1中学", "青岚第一中学"),
    ("diyizhongxue", "青岚第一中学"),
    ("disanzhongxue", "青岚第三中学"),
    ("dszx", "青岚第三中学"),
    ("中国银行", "中国银行"),
    ("zhongguoyinhang", "中国银行"),
    ("北站", "青岚北站"),
    ("三里", "三里新居"),
    ("3里", "三里新居"),
    ("sanlixinju", "三里新居"),
    ("十三里铺", "十三里铺"),
    ("13里铺", "十三里铺"),
    ("shisanlipu", "十三里铺"),
    ("Jinxiu Homes", "锦绣家园"),
    ("homes", "锦绣家园"),
    ("锦园3号楼", "锦园小区3号楼"),
    ("锦园小区三号楼", "锦园小区3号楼"),
    ("锦园小区3栋", "锦园小区3号楼"),
    ("锦园小区３＃", "锦园小区3号楼"),
    ("柳溪湾 3", "柳溪湾3号楼"),
    ("liuxiwan3haolou", "柳溪湾3号楼"),
    ("柳溪湾sanhaolou", "柳溪湾3号楼"),
    ("12-3-402", "锦园小区12号楼3单元"),
    ("柳溪湾12-3", "柳溪湾12号楼3单元"),
    ("柳溪湾12号楼3单元402室", "柳溪湾12号楼3单元"),
    ("柳溪湾99号楼", "柳溪湾"),
    ("新华路", "新华路"),
    ("xhl", "新华路"),
]
