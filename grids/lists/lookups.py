"""What a list speaks of and the database knows: types, regions, buildings, people, and what covers a place."""

import difflib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import shapely
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from shapely.geometry.base import BaseGeometry

from grids.models import Building, CheckpointType, Membership, Region, Stairwell

MOST_OFFERED = 500
# What lists call things that the catalogue has under another name.
TYPE_WORDS = {
    "market": "菜市场 集贸市场 农贸 综合市场 便民市场",
    "public_toilet": "公厕 厕所 卫生间 公共卫生间",
    "park": "公园绿地 游园 口袋公园 街心公园",
    "square": "文化广场 市民广场",
    "mall": "商场 超市 商超 购物中心 商业综合体",
    "school": "中学 小学 幼儿园 中小学",
    "hospital": "医疗机构 卫生院 卫生服务中心",
    "estate": "小区 住宅小区 居民小区(院落) 居住小区 老旧小区",
    "community": "社区居委会 居委会 社区服务中心 党群服务中心",
    "main_road": "主干路 主干大道",
    "secondary_road": "次干路 支路",
    "shopping_street": "商业街 步行街",
    "back_street": "小巷 小街小巷 巷道 胡同",
    "crossing": "路口 交通路口 十字路口",
    "bus_stop": "公交站 公交站台 公交车站",
    "bus_station": "客运站 长途汽车站",
    "railway_station": "火车站 高铁站",
    "government_hall": "政务大厅 办事大厅 便民服务中心",
    "site_hoarding": "工地 建筑工地 施工围挡",
    "waste_station": "垃圾投放点 垃圾站 垃圾收集点",
    "bulletin_board": "公示栏 宣传橱窗",
}


@dataclass(frozen=True, slots=True)
class Around:
    """What covers a place: the smallest region, and the service grid."""

    region: int
    region_code: str
    grid_code: str


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who may become an owner, with the region of one of their memberships."""

    person: int
    name: str
    username: str
    region_code: str


def bare(name: str) -> str:
    """Return a name as it is compared: without case, width, blanks and brackets."""
    return re.sub(r"[\s()\[\]（）【】·、,.-]+", "", unicodedata.normalize("NFKC", name)).casefold()


def bare_building(name: str) -> str:
    """Return a building's name as it is compared: 3栋, 3幢, 3# and 3号楼 are the same."""
    return re.sub(r"(\d+|[a-z])(?:号楼|号|楼|栋|幢|#)+(?:楼)?$", r"\1号楼", bare(name))


class Types:
    """The catalogue's types of checkpoints, by code, name and what lists call them."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self._words: dict[str, int] = {}
        self.labels: list[tuple[str, str]] = []
        for row in CheckpointType.objects.all():
            self.names[row.pk] = row.local_name
            self.labels.append((row.code, row.local_name))
            words = [row.code, row.name, row.name_en, *TYPE_WORDS.get(row.code, "").split()]
            for word in words:
                if word:
                    self._words.setdefault(bare(word), row.pk)

    def find(self, word: str) -> int | None:
        """Return the type that a word means."""
        return self._words.get(bare(word))

    def nearest(self, word: str) -> str:
        """Return the name of the type whose words look most like it, or nothing."""
        close = difflib.get_close_matches(bare(word), self._words, n=1, cutoff=0.45)
        return self.names[self._words[close[0]]] if close else ""


class Regions:
    """The regions within one, by code and by name with and without their level."""

    def __init__(self, root: Region) -> None:
        self.root = root
        self.by_code: dict[str, Region] = {}
        self._by_name: dict[str, list[Region]] = defaultdict(list)
        for row in Region.objects.current().filter(code__startswith=root.code).defer("geom").order_by("code"):
            self.by_code[row.code] = row
            for name in (row.name, row.name_en):
                if name:
                    for word in {bare(name), re.sub(r"(社区|街道|街道办事处|居委会|村|镇|乡)$", "", bare(name))}:
                        self._by_name[word].append(row)

    def find(self, word: str) -> Region | None:
        """Return the one region with this code or name, the smallest if several levels share it; None if unclear."""
        word = bare(word)
        if word in self.by_code:
            return self.by_code[word]
        found = (
            self._by_name.get(word) or self._by_name.get(re.sub(r"(社区|街道|街道办事处|居委会|村)$", "", word)) or []
        )
        longest = max((len(row.code) for row in found), default=0)
        smallest = [row for row in found if len(row.code) == longest]
        return smallest[0] if len(smallest) == 1 else None


class Buildings:
    """The buildings of a region by number, by estate and name, and their stairwells; all are read when one is named."""

    def __init__(self, root: Region) -> None:
        self._inside = (
            Building.objects.filter(region__code__startswith=root.code)
            .exclude(name="")
            .select_related("region")
            .only("name", "name_en", "estate", "households", "geom", "region__code")
        )
        self.rows: dict[int, Building] = {}
        self.stairwells: dict[int, dict[str, Stairwell]] = defaultdict(dict)

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        self.rows = {row.pk: row for row in self._inside}
        for row in self.rows.values():
            for key in {bare_building(f"{row.estate}{row.name}"), bare_building(row.name)}:
                found[key].append(row.pk)
        return found

    def bring(self, ids: Iterable[int]) -> None:
        """Read these buildings, if they are in the region."""
        wanted = set(ids) - self.rows.keys()
        if wanted:
            self.rows |= {row.pk: row for row in self._inside.filter(pk__in=wanted)}

    def bring_stairwells(self, ids: Iterable[int]) -> None:
        """Read the stairwells of these buildings."""
        for stairwell in Stairwell.objects.filter(building_id__in=set(ids)):
            self.stairwells[stairwell.building_id][bare(stairwell.label)] = stairwell

    def find(self, estate: str, name: str, region_code: str = "") -> list[Building]:
        """Return the buildings that estate and name may mean, within a region if one is said."""
        found = self._by_name.get(bare_building(f"{estate}{name}"), [])
        if not found and not estate:
            found = self._by_name.get(bare_building(name), [])
        rows = [self.rows[pk] for pk in found]
        within = [row for row in rows if row.region and row.region.code.startswith(region_code)]
        return within or rows


def people_called(words: Iterable[str], root: Region) -> dict[str, list[Known]]:
    """Return by name and by user name who works within a region, or for one that contains it, today."""
    wanted = {word for word in words if word}
    rows = (
        _working(root)
        .filter(Q(person__name__in=wanted) | Q(person__username__in=wanted))
        .values_list("person_id", "person__name", "person__username", "region__code")
        .order_by("person_id")
    )
    found: dict[str, list[Known]] = defaultdict(list)
    for row in rows:
        known = Known(*row)
        for word in {known.name, known.username}:
            found[word].append(known)
    return found


def people_to_offer(root: Region) -> list[tuple[str, str]]:
    """Return who may become an owner, as one would write it into a cell, and their other name; nobody if too many."""
    people = list(_working(root).values_list("person__username", "person__name").distinct()[: MOST_OFFERED + 1])
    often = Counter(name for _username, name in people)
    offered = [(name, username) if often[name] == 1 else (username, name) for username, name in people]
    return sorted(offered) if len(offered) <= MOST_OFFERED else []


def _working(root: Region) -> QuerySet[Membership]:
    """Return the roles of today within a region, or for one that contains it."""
    above = [root.code[:length] for length in (6, 9, 12) if length <= len(root.code)]
    return Membership.objects.current().filter(
        Q(region__code__startswith=root.code) | Q(region__code__in=above),
        person__is_active=True,
        person__tombstoned_at=None,
    )


def narrowest(people: Sequence[Known], community: str) -> dict[int, Known]:
    """Return by id those of several namesakes who work closest to a community: in it, around it, or elsewhere."""
    for fits in (
        lambda code: code.startswith(community),
        lambda code: bool(code) and community.startswith(code),
        lambda _code: True,
    ):
        found = {known.person: known for known in people if fits(known.region_code)}
        if found:
            return found
    return {}


def around(places: Mapping[int, BaseGeometry]) -> dict[int, Around]:
    """Return what covers a point on each of these geometries, today, in one query."""
    if not places:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.number, r.id, r.code, coalesce(g.code, '')
               FROM (SELECT number, ST_PointOnSurface(ST_SetSRID(wkb::geometry, 4326)) AS at
                     FROM unnest(%(numbers)s::int[], %(shapes)s::text[]) AS t(number, wkb)) p
               CROSS JOIN LATERAL (SELECT id, code FROM grids_region
                   WHERE period @> %(today)s AND ST_Covers(geom, p.at)
                   ORDER BY length(code) DESC, code LIMIT 1) r
               LEFT JOIN LATERAL (SELECT code FROM grids_grid
                   WHERE kind = 'service' AND period @> %(today)s AND ST_Covers(geom, p.at)
                   ORDER BY code LIMIT 1) g ON true""",
            {
                "numbers": list(places),
                "shapes": [shapely.to_wkb(shape, hex=True) for shape in places.values()],
                "today": timezone.localdate(),
            },
        )
        return {number: Around(region, code, grid) for number, region, code, grid in cursor.fetchall()}
