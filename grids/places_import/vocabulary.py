"""Words for kinds and roles, as files write them: ours, Chinese, and OpenStreetMap's tags."""

from collections.abc import Mapping

from grids.models.people import Role
from grids.models.places import BuildingKind, StreetKind


def _table(words: Mapping[str, str]) -> dict[str, str]:
    return {word.casefold(): kind for kind, line in words.items() for word in [kind, *line.split()]}


STREETS = _table(
    {
        StreetKind.TRUNK: "motorway motorway_link trunk_link 高速 高速公路 快速路 国道",
        StreetKind.PRIMARY: "primary_link 主干道 主干路 主路 省道",
        StreetKind.SECONDARY: "secondary_link 次干道 次干路",
        StreetKind.TERTIARY: "tertiary_link 支路 县道",
        StreetKind.RESIDENTIAL: "living_street unclassified road pedestrian 居民区道路 街道 街 商业街 步行街",
        StreetKind.ALLEY: "service track 小巷 巷 巷道 胡同 里弄 背街小巷 小街",
        StreetKind.PATH: "footway steps cycleway bridleway 小路 小径 人行道 台阶",
        StreetKind.RAIL: "light_rail narrow_gauge 铁路 轨道",
        StreetKind.SUBWAY: "tram monorail funicular 地铁 有轨电车 城市轨道",
        StreetKind.WATER: "river canal 河 河流 河道 运河 干渠",
        StreetKind.STREAM: "drain ditch 小溪 溪 溪流 水渠 渠 沟 沟渠 排水沟",
    }
)
BUILDINGS = _table(
    {
        BuildingKind.RESIDENTIAL: "apartments house detached semidetached_house terrace dormitory bungalow 住宅"
        " 住宅楼 居民楼 居住 宿舍 平房 公寓",
        BuildingKind.COMMERCIAL: "retail shop hotel kiosk office supermarket 商业 商铺 商住 商场 宾馆 酒店 写字楼 办公",
        BuildingKind.PUBLIC: "civic government hospital church chapel temple mosque cathedral museum library"
        " train_station sports_hall fire_station toilets public_building 公共 公共建筑 政府 医院 办公楼 社区用房",
        BuildingKind.SCHOOL: "kindergarten university college 学校 幼儿园 教学楼 大学 中学 小学",
        BuildingKind.MARKET: "marketplace 市场 农贸市场 菜市场 市场大棚",
        BuildingKind.INDUSTRIAL: "warehouse factory manufacture farm barn greenhouse 工业 厂房 仓库",
        BuildingKind.GATE: "gatehouse guardhouse 门卫 门房 岗亭 大门",
        BuildingKind.OTHER: "yes garage garages carport roof shed hut cabin ruins farm_auxiliary construction"
        " 其他 其它 车库",
    }
)
ROLES = _table(
    {
        Role.LEADER: "网格长 组长",
        Role.STEWARD: "楼道长 楼长 单元长 党员楼道长",
        Role.VOLUNTEER: "志愿者 网格员 党员志愿者 队员",
        Role.DISPATCHER: "派遣员 派遣 调度员 调度",
        Role.PLANNER: "创建专员 规划员 规划",
        Role.INSPECTOR: "督查员 检查员 巡查员 测评员",
        Role.ADMIN: "管理员 administrator",
        Role.STAFF: "工作人员 单位人员 职员",
    }
)
