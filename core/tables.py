"""The tables of core's own pages."""

import django_tables2 as tables
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.timezone import localtime

from core import audit, file_runs
from core.models import AuditEntry, FileRun, Organization, User

LINE = {"td": {"class": "nowrap"}}


class AccountTable(tables.Table):
    name = tables.LinkColumn("core:account_detail", args=[tables.A("public_id")], verbose_name="姓名", attrs=LINE)
    username = tables.Column(verbose_name="账号")
    roles = tables.Column(verbose_name="现任角色", accessor="grants_now", orderable=False, empty_values=())
    last_login = tables.DateTimeColumn(verbose_name="最近登录", format="Y-m-d H:i", default="从未登录", attrs=LINE)
    is_active = tables.Column(verbose_name="状态", attrs=LINE)

    class Meta:
        model = User
        fields = ("name", "username", "post", "roles", "last_login", "is_active")
        attrs = {"caption": "账号"}
        order_by = ("name", "username")

    def render_roles(self, value):
        lines = format_html_join("", "<div>{} · {}</div>", ((grant.get_role_display(), grant.organization.name) for grant in value))
        return lines or "没有"

    def render_is_active(self, value):
        return "在用" if value else "已停用"


class RunTable(tables.Table):
    """Work that failed. What is refused names the matter it is about, and is for its person and for those who see children."""

    finished_at = tables.Column(verbose_name="时间", attrs=LINE)
    kind = tables.Column(verbose_name="任务和告诉本人的话", orderable=False, attrs={"td": {"class": "sentence"}})
    trouble = tables.Column(verbose_name="原因", empty_values=(), attrs=LINE)
    requested_by = tables.Column(verbose_name="谁办的", accessor="requested_by__name", empty_values=(), attrs=LINE)
    again = tables.TemplateColumn(template_name="core/_run_again.html", verbose_name="办理", orderable=False)

    def __init__(self, *args, reads_refusals, **kwargs):
        super().__init__(*args, **kwargs)
        self.reads_refusals = reads_refusals

    class Meta:
        model = FileRun
        fields = ("finished_at", "kind", "trouble", "requested_by", "again")
        attrs = {"caption": "没有做完的任务"}
        order_by = ("-finished_at",)

    def render_kind(self, record):
        own = record.trouble in file_runs.OWN_SENTENCES
        sentence = record.message if own or self.reads_refusals else "（涉及学生工作，只给本人看）"
        return format_html('{}<span class="hint">{}</span>', file_runs.label_of(record), sentence)

    def render_trouble(self, record):
        return format_html('{}<span class="hint">试过 {} 次</span>', record.get_trouble_display() or "—", record.attempts)

    def render_finished_at(self, value, record):
        return format_html('{}<span class="hint">编号 {}</span>', date_format(localtime(value), "Y-m-d H:i"), record.number)

    def render_requested_by(self, value, record):
        return format_html('{}<span class="hint">{}</span>', value or "系统定时", record.organization or "")


class AuditTable(tables.Table):
    """One line an act. The unit's name is looked up once a page: the entries hold soft references only."""

    at = tables.DateTimeColumn(verbose_name="时间", format="Y-m-d H:i:s", attrs=LINE)
    number = tables.Column(verbose_name="编号", order_by="pk", attrs=LINE)
    actor_name = tables.Column(verbose_name="人员", attrs=LINE)
    act = tables.Column(verbose_name="事项", attrs=LINE)
    outcome = tables.Column(verbose_name="结果", attrs=LINE)
    unit = tables.Column(verbose_name="单位", accessor="organization_id", orderable=False)
    reason = tables.Column(verbose_name="原因", orderable=False, attrs={"td": {"class": "nowrap"}})
    address = tables.Column(verbose_name="来自", orderable=False)

    def __init__(self, *args, reads_reasons, **kwargs):
        super().__init__(*args, **kwargs)
        self.reads_reasons = reads_reasons

    class Meta:
        model = AuditEntry
        fields = ("at", "number", "actor_name", "act", "outcome", "unit", "reason", "address")
        attrs = {"caption": "审计记录"}

    def _may_read(self, record):
        """A refusal's sentence may name children, unless it was given at a page of the house itself."""
        own = record.act in ("refused", "rule_kept") and record.detail.get("view", "").startswith("core:")
        return self.reads_reasons or own or record.act == "parameter_set" or record.subject_kind == User._meta.label_lower

    def render_reason(self, value, record):
        """Begins on the line, whole under the pointer: a sentence broken to one sign a line would make a row a page high. What people typed
        about children is not for readers who see no child."""
        if not self._may_read(record):
            return "（涉及学生工作，不显示）"
        return format_html('<span title="{}">{}</span>', value, Truncator(value).chars(28))

    def render_act(self, value):
        return audit.words_of(value)

    def render_unit(self, value):
        if not hasattr(self, "_units"):
            shown = {row.record.organization_id for row in self.paginated_rows}
            self._units = dict(Organization.objects.filter(pk__in=shown).values_list("pk", "name"))
        return self._units.get(value, "—")
