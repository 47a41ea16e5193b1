"""Which column of a file holds what: recognised by its heading, or said with --columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from grids.problems import BadInput

# Headings in the order of trust; compared without case, spaces, hyphens and underscores.
HEADINGS: dict[str, tuple[str, ...]] = {
    field: tuple(headings.split())
    for field, headings in {
        "id": "id source_id osm_id uuid guid 唯一标识 标识码 编号 code 编码 代码 楼栋编码"
        " 楼栋编号 点位编码 点位编号 街巷编码 道路编码",
        "code": "code 编码 区划代码 行政区划代码 区划编码 adcode 代码 社区编码 街道编码 区域编码",
        "name": "name 名称 楼栋名称 点位名称 社区名称 街道名称 区域名称 街巷名称 道路名称 楼栋 楼栋号 楼号 地名 姓名",
        "name_en": "name_en name:en english_name 英文名 英文名称",
        "kind": "kind 类别 类型 用途 种类 道路类型 道路等级 等级 房屋用途 建筑类型 building highway fclass type class",
        "tunnel": "tunnel 地下 隧道 是否地下",
        "type": "type checkpoint_type 点位类型 类型 类别",
        "households": "households 户数 总户数 住户数 居民户数",
        "floors": "floors 层数 楼层 楼层数 总层数 地上层数 building:levels levels",
        "estate": "estate 小区 小区名称 所属小区 院落",
        "region": "region region_code 区域 社区编码 所属社区编码 区划代码 区域编码 区划编码",
        "lon": "lon lng long longitude 经度 x",
        "lat": "lat latitude 纬度 y",
        "username": "username user_name 用户名 账号 帐号 登录名 登录账号 工号",
        "party_member": "party_member 党员 是否党员 政治面貌",
        "phone": "phone mobile 电话 手机 手机号 手机号码 联系电话 联系方式",
        "role": "role 角色 职务 岗位 身份",
        "since": "since 任职日期 任职时间 开始日期 起始日期 自",
        "team": "team team_code 队伍编码 队伍 队伍代码",
        "organisation": "organisation organization 单位编码 单位代码 单位",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each of our fields comes from: a column of the file, one value for all rows, or OpenStreetMap's tags."""

    sources: Mapping[str, str]
    constants: Mapping[str, str]
    tagged: frozenset[str] = frozenset()

    @property
    def given(self) -> frozenset[str]:
        """The fields the file or the command line says something about."""
        return frozenset(self.sources) | frozenset(self.constants) | self.tagged

    def values(self, properties: Mapping[str, object]) -> dict[str, object]:
        """Return a row's values by field; an empty cell takes no part."""
        values: dict[str, object] = dict(self.constants)
        for field, column in self.sources.items():
            value = properties.get(column)
            if value is not None and value != "":
                values[field] = value
        return values


def resolve(
    fields: Iterable[str], available: Iterable[str], chosen: Mapping[str, str], constants: Mapping[str, str]
) -> Columns:
    """Find the columns of the fields; a chosen one that is not there is refused with what is there."""
    wanted, present = list(fields), list(available)
    for field in [*chosen, *constants]:
        if field not in wanted:
            shown = {"field": field, "fields": ", ".join(wanted)}
            raise BadInput(_("There is no field “%(field)s” in this layer; there are %(fields)s.") % shown)
    for column in chosen.values():
        if column not in present:
            shown = {"column": column, "columns": ", ".join(present) or "-"}
            raise BadInput(_("The file has no column “%(column)s”; it has %(columns)s.") % shown)
    by_heading: dict[str, str] = {}
    for column in present:
        by_heading.setdefault(_plain(column), column)
    sources = dict(chosen)
    for field in wanted:
        if field in chosen or field in constants:
            continue
        heard = next(
            (by_heading[_plain(heading)] for heading in HEADINGS[field] if _plain(heading) in by_heading), None
        )
        if heard is not None:
            sources[field] = heard
    return Columns(sources, dict(constants))


def _plain(heading: str) -> str:
    return "".join(character for character in heading.casefold() if character not in " _-\ufeff　")
