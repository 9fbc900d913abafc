"""Nodes from the bureau's own lists: divisions and schools."""

from django.db import connection

from core.actions.organizations import add_nodes
from core.models import Organization
from students.models import ListRow, SchoolProfile, Section
from students.rules.codes import SCHOOL_KINDS
from students.rules.naming import Places

KIND_OF_LEVEL = {"township": Organization.Kind.TOWNSHIP, "village": Organization.Kind.VILLAGE, "group": Organization.Kind.GROUP}
WAITING = "from students_listrow where kind in ('roll', 'attending') and until is null and node_id is null"
NAME_SCHOOL = f"""
update students_listrow set facts = jsonb_set(facts, '{{school}}', to_jsonb(%s::text))
where id in (select id {WAITING}) and facts ->> 'school' = %s
"""
LEVEL_ORDER = ("county", "township", "village", "group")


def apply(snapshot):
    """Make or rename the nodes that the batch's rows name."""
    rows = list(ListRow.objects.filter(snapshot=snapshot, until=None).order_by("id"))
    {"divisions": _divisions, "schools": _schools}[snapshot.kind](rows, snapshot)


def _divisions(rows, snapshot):
    """Townships before villages; the county's own row is the root, found by code. A parent that is not there is the coverage node."""
    known = {node.code: node for node in Organization.objects.all()}
    for level in LEVEL_ORDER:
        wanted = []
        for row in rows:
            facts = row.facts
            if facts["level"] != level:
                continue
            node = known.get(facts["code"])
            if node is not None:
                _rename(node, row.name)
            elif level != "county":
                parent = known.get(facts["parent"], snapshot.coverage)
                wanted.append(
                    {
                        "kind": KIND_OF_LEVEL[level],
                        "code": facts["code"],
                        "name": row.name,
                        "parent": parent,
                        "stat_code": facts["code"][:12],
                    }
                )
        known |= {node.code: node for node in add_nodes(wanted)}


def _schools(rows, snapshot):
    """Schools hang under the education group of their township, teaching points under their school, the rest on the bureau."""
    root = snapshot.coverage
    known = {node.code: node for node in Organization.objects.exclude(kind=Organization.Kind.CLASS)}
    groups = education_groups({row.facts["township"] for row in rows} - {""}, known, root)
    for points in (False, True):
        wanted, chosen = [], []
        for row in rows:
            if bool(_parent_school(row.facts, known)) != points:
                continue
            chosen.append(row)
            node = known.get(row.facts["code"])
            if node is None:
                parent = _parent_school(row.facts, known) or groups.get(row.facts["township"], root)
                kind = Organization.Kind.TEACHING_POINT if points or row.facts["kind"] == "teaching_point" else Organization.Kind.SCHOOL
                wanted.append({"kind": kind, "code": row.facts["code"], "name": row.name, "parent": parent})
            else:
                _rename(node, row.name)
        known |= {node.code: node for node in add_nodes(wanted)}
        _profiles(chosen, known)
    _name_waiting_schools(root)


def _name_waiting_schools(root):
    """Rows that came before the directory and name their school by its name get its code; linking finds the node by it."""
    places = Places(Organization.objects.exclude(kind=Organization.Kind.CLASS).values_list("kind", "code", "name"), root.name)
    with connection.cursor() as cursor:
        cursor.execute(f"select distinct facts ->> 'school' {WAITING}")
        for (named,) in cursor.fetchall():
            code = places.school(named, "") or places.school("", named)
            if code and code != named:
                cursor.execute(NAME_SCHOOL, [code, named])


def _parent_school(facts, known):
    return known.get(facts.get("parent_school") or "") if facts.get("kind") == "teaching_point" else None


def education_groups(townships, known, root):
    """The education group beside each township that has schools; made where there is none yet."""
    missing = [code for code in sorted(townships) if f"{code}-EG" not in known]
    rows = [
        {"kind": Organization.Kind.EDUCATION_GROUP, "code": f"{code}-EG", "name": f"{known[code].name}教育组", "parent": root}
        for code in missing
        if code in known
    ]
    known |= {node.code: node for node in add_nodes(rows)}
    return {code: known[f"{code}-EG"] for code in townships if f"{code}-EG" in known}


def township_of(said, places):
    """Code of the township that a school's row names by its code, by a village's code or by its name; "" where there is none."""
    code = said.ljust(12, "0") if said.isdigit() else ""
    code = code[:9] + "000" if code in places.villages else code
    return code if code in places.townships else places.township("" if said.isdigit() else said)


def _profiles(rows, known):
    """Kind, boarding, township and the sections that the kind offers."""
    profiles = [
        SchoolProfile(
            school=known[row.facts["code"]],
            kind=SCHOOL_KINDS[row.facts["kind"]].label,
            boarding=row.facts["boarding"],
            township=known.get(row.facts["township"]),
        )
        for row in rows
    ]
    SchoolProfile.objects.bulk_create(
        profiles, update_conflicts=True, unique_fields=["school"], update_fields=["kind", "boarding", "township"]
    )
    sections = [
        Section(school=known[row.facts["code"]], stage=stage, boarding=row.facts["boarding"])
        for row in rows
        for stage in SCHOOL_KINDS[row.facts["kind"]].stages
    ]
    have = set(Section.objects.filter(until=None).values_list("school_id", "stage"))
    Section.objects.bulk_create([section for section in sections if (section.school_id, section.stage) not in have])


def _rename(node, name):
    if node.name != name and node.kind != Organization.Kind.BUREAU:
        node.name = name
        node.version += 1
        node.save(update_fields=["name", "version"])


