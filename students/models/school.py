"""What a school is besides a node: its kind and its sections."""

from django.db import models

from students.models.account_now import stale_marks


class SchoolProfile(models.Model):
    """A school's facts from the bureau's school list; its name, code and place are the node's."""

    school = models.OneToOneField("core.Organization", on_delete=models.PROTECT, related_name="profile")
    kind = models.CharField(max_length=20, help_text="办学类型 as listed, such as 九年一贯制")
    boarding = models.BooleanField(default=False)
    township = models.ForeignKey("core.Organization", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        triggers = stale_marks("e.child_id", rows="students_enrolment e join {rows} on n.school_id = e.school_id and n.kind = '特殊教育'")


class Section(models.Model):
    """A school's section (附设幼儿班, 小学部, 初中部, 高中部): so that 九年一贯制 and 完全中学 are ordinary."""

    class Stage(models.TextChoices):
        PRE = "pre", "学前"
        PRIMARY = "pri", "小学"
        JUNIOR = "jun", "初中"
        SENIOR = "sen", "普通高中"
        VOCATIONAL = "voc", "中职"
        SPECIAL = "spe", "特殊教育"

    school = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="sections")
    stage = models.CharField(max_length=3, choices=Stage.choices)
    boarding = models.BooleanField(default=False)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["school", "stage"], condition=models.Q(until=None), name="section_once")]


COMPULSORY_STAGES = (Section.Stage.PRIMARY, Section.Stage.JUNIOR)
