"""Organisations: known by code, else by name; their jurisdiction is a region that the list names."""

from collections.abc import Callable, Sequence

from django.utils.translation import gettext as _

from grids.lists.changes import begun, compare, since_of
from grids.lists.context import Context
from grids.lists.drafts import Draft
from grids.lists.identity import hashed, refuse_doubles
from grids.lists.lookups import bare
from grids.lists.saying import gettext_noop
from grids.models import Organisation, Region
from grids.models.lists import Fate
from grids.models.people import OrganisationKind

KIND_WORDS: dict[str, str] = {
    bare(word): kind
    for kind, words in {
        OrganisationKind.URBAN_MANAGEMENT: "城管 城管中队 城管局 执法中队 综合执法队 城市管理",
        OrganisationKind.MARKET_SUPERVISION: "市场所 市场监管所 市场监督管理所 市场监管",
        OrganisationKind.TRAFFIC_POLICE: "交管 交警 交警中队 交管大队 交通警察",
        OrganisationKind.PROPERTY: "物业 物业公司 物业服务企业 物业管理",
        OrganisationKind.RESIDENTS_COMMITTEE: "业委会 居委会 业主委员会 社区居委会",
        OrganisationKind.SANITATION: "环卫 环卫所 环卫公司 环卫中心",
        OrganisationKind.MUNICIPAL: "市政 市政公司 市政养护 市政所",
        OrganisationKind.FIRE: "消防 消防救援 消防队 消防站",
        OrganisationKind.GREENING: "园林 绿化 园林绿化 园林所",
        OrganisationKind.CONTRACTED_UNIT: "包联单位 包联 包保单位 结对单位",
    }.items()
    for word in [kind, *words.split()]
}


def understand(drafts: Sequence[Draft], context: Context) -> None:
    """Find kind and jurisdiction of each row, and the body that it is already."""
    known = list(Organisation.objects.current().select_related("region").defer("jurisdiction"))
    by_code = {row.code: row for row in known}
    by_name = {bare(row.name): row for row in known if row.region.code.startswith(context.root.code)}
    for draft in drafts:
        _understand(draft, context)
        row = by_code.get(draft.text("code")) if draft.text("code") else by_name.get(bare(draft.text("name")))
        if row is not None and not row.region.code.startswith(context.root.code):
            draft.refuse(
                "code", gettext_noop("This code belongs to a body outside %(region)s."), region=context.root.local_name
            )
            row = None
        draft.target = row.pk if row else None
        draft.source_id = row.code if row else draft.text("code") or hashed(draft.text("name"), context.root.code)[:40]
        current = None
        if row is not None:
            current = {name: getattr(row, name) for name in ("name", "name_en", "kind", "region_id")}
            current["since"] = since_of(row.period)
        elif "region_id" not in draft.wanted:
            draft.wanted["region_id"] = context.root.pk
        compare(draft, current)
    sentence = gettext_noop("The same body stands in row %(row)s.")
    refuse_doubles(drafts, lambda draft: draft.source_id, "name", sentence)


def _understand(draft: Draft, context: Context) -> None:
    for name in ("name", "name_en", "since"):
        if draft.text(name):
            draft.wanted[name] = draft.text(name)
    word = draft.text("kind")
    if bare(word) in KIND_WORDS:
        draft.wanted["kind"] = KIND_WORDS[bare(word)]
    elif word:
        kinds = ", ".join(str(kind.label) for kind in OrganisationKind)
        draft.refuse(
            "kind", gettext_noop("“%(word)s” is no kind of body; there are %(kinds)s."), word=word, kinds=kinds
        )
    place = draft.text("community")
    region = context.regions.find(place) if place else None
    if region is not None:
        draft.wanted["region_id"] = region.pk
    elif place:
        draft.refuse(
            "community", gettext_noop("There is no region of this name in %(region)s."), region=context.root.local_name
        )


def write(drafts: Sequence[Draft], context: Context, step: Callable[[str, float], None]) -> None:
    """Create the new bodies and change the changed ones."""
    areas = {
        row.pk: row.geom for row in Region.objects.filter(pk__in={d.wanted.get("region_id") for d in drafts} - {None})
    }
    for count, draft in enumerate(drafts):
        step(_("%(done)s of %(all)s bodies") % {"done": count, "all": len(drafts)}, 0.9 * count / len(drafts))
        wanted = draft.wanted
        if draft.fate == Fate.NEW:
            draft.target = Organisation.objects.create(
                code=draft.source_id,
                name=wanted["name"],
                name_en=wanted.get("name_en", ""),
                kind=wanted["kind"],
                region_id=wanted["region_id"],
                jurisdiction=areas[wanted["region_id"]],
                period=begun(wanted.get("since"), context.today),
            ).pk
        elif draft.fate == Fate.CHANGED:
            row = Organisation.objects.select_for_update().get(pk=draft.target)
            for name in draft.before or {}:
                if name == "since":
                    row.period = begun(wanted["since"], context.today)
                else:
                    setattr(row, name, wanted[name])
            if "region_id" in (draft.before or {}):
                row.jurisdiction = areas[wanted["region_id"]]
            row.save()
