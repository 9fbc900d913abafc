"""Rows of the access table for the pages of archives."""

from datetime import date

from archives.models import Report, ReportObligation
from core import files
from tests.access import Route, of_child


def report_of(house, school):
    """The report of a school for March 2020; made once."""
    node = getattr(house.nodes, school)
    scan = files.store(b"%PDF-1.4", "盖章.pdf", "application/pdf", house.people["group_head"])
    return Report.objects.filter(organization=node).first() or Report.objects.create(
        period="2020-03", organization=node, organization_name=node.name, group=node.parent, starts_after=date(2020, 2, 20),
        ends_on=date(2020, 3, 20),
        due_on=date(2020, 3, 25), figures={"lines": [], "total": {}}, scan=scan,
    )  # fmt: skip


def obligation_of(house, school):
    node = getattr(house.nodes, school)
    return ReportObligation.objects.get_or_create(kind="monthly", organization=node, until=None, defaults={"since": date(2020, 1, 1)})[0]


def of_school(arguments_of, **more):
    """A route about something of a school: the own one and the foreign one."""
    return Route(
        see="see_reports", own=lambda house: arguments_of(house, "school"), foreign=lambda house: arguments_of(house, "other_school"),
        nodes=lambda house: house.nodes.school.path, foreign_nodes=lambda house: house.nodes.other_school.path, **more,
    )  # fmt: skip


def report(act=None, methods=("get",), **arguments):
    return of_school(lambda house, school: {"public_id": report_of(house, school).public_id, **arguments}, act=act, methods=methods)


ROUTES = {
    "archives:child_detail": of_child("see_children"),
    "archives:child_unmask": of_child("see_children", act="reveal_numbers", methods=("post",)),
    "archives:table_list": Route(see="see_account"),
    "archives:table_export": Route(see="see_account", act="export_lists", methods=("post",)),
    "archives:report_list": Route(see="see_reports"),
    "archives:report_summary": Route(see="see_reports", act="export_lists", query="?format=xlsx&period=2020-03"),
    "archives:report_timeliness": Route(see="see_reports", query="?period=2020-03"),
    "archives:report_timeliness_export": Route(see="see_reports", act="export_lists", methods=("post",), query="?period=2020-03"),
    "archives:report_make": Route(see="make_reports", methods=("post",), post=lambda house: {"period": "2020-03"}),
    "archives:report_scan_join": Route(see="see_reports", methods=("get", "post")),
    "archives:report_mode": of_school(lambda house, school: {"pk": obligation_of(house, school).pk}, act="make_reports", methods=("post",)),
    "archives:report_detail": report(),
    "archives:report_names": report(figure="suspected_end"),
    "archives:report_print": report(act="export_lists", format="xlsx"),
    "archives:report_file": report(act="file_report", methods=("post",)),
    "archives:report_zero": report(act="file_report", methods=("post",)),
    "archives:report_sign": report(act="sign_report", methods=("get", "post")),
    "archives:report_accept": report(methods=("post",)),
    "archives:report_return": report(methods=("get", "post")),
    "archives:report_correct": report(methods=("post",)),
    "archives:report_paper": report(methods=("post",)),
    "archives:report_tick": report(methods=("post",)),
    "archives:report_scan": report(methods=("get",)),
}
