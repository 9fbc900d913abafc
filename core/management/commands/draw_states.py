"""docs/states/: one diagram for each workflow table, so that a change of the table is seen in review."""

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


def diagrams():
    """{file name: text} of the tables that the models name in their attribute `workflow`."""
    found = {}
    for model in apps.get_models():
        workflow = getattr(model, "workflow", None)
        if workflow is not None:
            head = f"# {workflow.name}\n\nDrawn by `manage.py draw_states`.\n\n"
            found[f"{workflow.name}.md"] = f"{head}```mermaid\n{workflow.diagram()}```\n"
    return found


class Command(BaseCommand):
    help = "Draw the state diagrams of docs/states; --check only compares."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="change nothing, fail when a diagram differs from its table")

    def handle(self, *, check, **options):
        folder = settings.BASE_DIR / "docs" / "states"
        wanted = diagrams()
        present = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
        differing = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
        if check:
            if differing:
                raise CommandError(f"状态图与流程表不一致：{'、'.join(differing)}。请运行 manage.py draw_states 后提交。")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in differing:
            if name in wanted:
                (folder / name).write_text(wanted[name], encoding="utf-8")
            else:
                (folder / name).unlink()
        self.stdout.write(f"状态图 {len(wanted)} 张，更新 {len(differing)} 张。")
