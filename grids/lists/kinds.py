"""The kinds of lists and what their columns can mean: one declaration that guessing, forms and templates share."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from grids.models.lists import ListKind


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a column can say. `headings` are compared as `tables.plain` writes them, the surest first."""

    name: str
    label: str | Promise
    headings: tuple[str, ...]
    example: str = ""
    required: bool = False
    help: str | Promise = ""


def _field(name: str, label: str | Promise, headings: str, example: str = "", **more: object) -> Field:
    return Field(name, label, tuple(headings.split()), example, **more)  # type: ignore[arg-type]


KEY = _field(
    "key",
    _("number in your list"),
    "编号 点位编号 点位编码 编码 代码 标识码 唯一标识 设施编号 id code uuid sourceid number no",
    help=_("Makes the same row known again; a running number does not, it moves."),
)
NAME_EN = _field("name_en", _("English name"), "英文名 英文名称 nameen englishname")
LON = _field("lon", _("longitude"), "经度 东经 lon lng longitude x x坐标 经度坐标", "111.670512")
LAT = _field("lat", _("latitude"), "纬度 北纬 lat latitude y y坐标 纬度坐标", "40.820315")
POSITION = _field(
    "position",
    _("both coordinates in one column"),
    "坐标 经纬度 位置坐标 地理坐标 点位坐标 gps coordinates position lnglat",
)
ADDRESS = _field(
    "address",
    pgettext_lazy("of a place", "address"),
    "地址 详细地址 位置 具体位置 所在位置 位置描述 点位地址 点位位置 地点 address location",
    help=_("Finds the place of rows without coordinates."),
)
COMMUNITY = _field(
    "community",
    _("community"),
    "社区 所属社区 社区名称 所在社区 村居 社区村 社区编码 居委会 community region",
    help=_("Checked against the place."),
)
GRID = _field(
    "grid",
    _("grid code"),
    "网格编号 网格编码 网格号 所属网格 所在网格 网格 网格名称 grid gridcode",
    help=_("Checked against the place; without it the grid is found by the place."),
)
OWNER = _field(
    "owner",
    _("owner"),
    "责任人 点位责任人 点位长 负责人 包保责任人 包联责任人 包点责任人 责任人姓名 网格长 网格员 owner responsible",
    help=_("Name or user name of somebody who works there already."),
)
SINCE = _field(
    "since", _("since when"), "启用日期 启用时间 开始日期 起始日期 生效日期 设置日期 建成日期 since from", "2026-03-01"
)
BUILDING = _field(
    "building", _("building"), "楼栋 楼号 楼栋号 楼栋名称 幢号 栋号 楼 幢 building buildingname", "3号楼", required=True
)
ESTATE = _field("estate", _("estate"), "小区 小区名称 所属小区 院落 小区院落 estate", "")
HOUSEHOLDS = _field("households", _("households"), "户数 总户数 住户数 居民户数 家庭户数 households", "36")

FIELDS: Mapping[str, tuple[Field, ...]] = {
    ListKind.CHECKPOINTS: (
        _field("name", _("name"), "点位名称 名称 点位 点位名 检查点 点名 单位名称 name", "学府路菜市场", required=True),
        _field(
            "type",
            _("type"),
            "点位类型 类型 类别 点位类别 点位种类 场所类型 行业类别 type category checkpointtype",
            "农贸市场",
            required=True,
        ),
        LON,
        LAT,
        POSITION,
        ADDRESS,
        COMMUNITY,
        GRID,
        OWNER,
        KEY,
        NAME_EN,
        SINCE,
    ),
    ListKind.PEOPLE: (
        _field("name", _("name"), "姓名 人员姓名 名字 name fullname", "王芳", required=True),
        _field(
            "username",
            _("user name"),
            "用户名 账号 帐号 登录名 登录账号 工号 username login account",
            "wangfang",
            help=_("Without one it is made from the name."),
        ),
        _field("role", _("role"), "角色 职务 岗位 身份 人员类别 role duty", "网格员", required=True),
        COMMUNITY,
        _field("phone", _("phone"), "电话 手机 手机号 手机号码 联系电话 联系方式 phone mobile tel", ""),
        _field("party_member", _("party member"), "党员 是否党员 政治面貌 partymember", "是"),
        _field("organisation", _("code or name of the body"), "单位 所在单位 工作单位 单位名称 单位编码 organisation"),
        _field("since", _("since when"), "任职日期 任职时间 上岗日期 开始日期 起始日期 since from", "2026-03-01"),
        NAME_EN,
    ),
    ListKind.ORGANISATIONS: (
        _field(
            "name",
            _("name"),
            "单位名称 名称 单位 部门 机构名称 组织名称 责任单位 name organisation",
            "东街城管中队",
            required=True,
        ),
        _field("kind", _("kind"), "单位类型 类型 类别 单位性质 性质 kind type", "城管中队", required=True),
        _field("code", _("code"), "单位编码 单位代码 编码 代码 编号 统一社会信用代码 code id"),
        _field(
            "community",
            _("jurisdiction: name or code of a region"),
            "管辖范围 管辖区域 辖区 所属街道 街道 社区 所属社区 region jurisdiction",
            help=_("Without one, the whole region of this list."),
        ),
        NAME_EN,
        SINCE,
    ),
    ListKind.STAIRWELLS: (
        ESTATE,
        BUILDING,
        _field(
            "label",
            _("stairwell"),
            "单元 单元号 单元楼道 楼道 楼道号 门栋 门洞 unit stairwell entrance",
            "2单元",
            required=True,
        ),
        HOUSEHOLDS,
        _field("owner", _("stairwell steward"), "楼道长 单元长 楼长 党员楼道长 楼道长姓名 责任人 负责人 owner steward"),
        COMMUNITY,
        LON,
        LAT,
        POSITION,
        ADDRESS,
        KEY,
    ),
    ListKind.ASSETS: (
        _field("name", _("name"), "设施名称 名称 部件名称 资产名称 name", "文明公约宣传牌", required=True),
        _field("kind", _("kind"), "设施类型 类型 类别 设施类别 种类 资产类别 kind type", "宣传牌", required=True),
        LON,
        LAT,
        POSITION,
        ADDRESS,
        COMMUNITY,
        KEY,
        NAME_EN,
        SINCE,
    ),
    ListKind.HOUSEHOLDS: (
        ESTATE,
        BUILDING,
        _field("label", _("stairwell"), "单元 单元号 单元楼道 楼道 门栋 unit stairwell", "2单元"),
        _field("households", _("households"), "户数 总户数 住户数 居民户数 家庭户数 households", "36", required=True),
        COMMUNITY,
        ADDRESS,
    ),
}
PLACED = frozenset({ListKind.CHECKPOINTS, ListKind.ASSETS})
HOUSED = frozenset({ListKind.STAIRWELLS, ListKind.HOUSEHOLDS})
OWNED = frozenset({ListKind.CHECKPOINTS, ListKind.STAIRWELLS})
# What the row of a kind is known by in the tables; the others are known by user name, code or building.
SOURCED = frozenset({ListKind.CHECKPOINTS, ListKind.ASSETS, ListKind.STAIRWELLS})


def fields_of(kind: str) -> dict[str, Field]:
    """Return the fields of a kind by name."""
    return {field.name: field for field in FIELDS[kind]}
