"""Third-party front-end files from node_modules: an allow-list, nothing is copied into the repository.

Whole `dist` folders would not do: they name source maps that are not there, and collectstatic stops (ecosystem.md §1).
"""

from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCE_MAP = "sourceMappingURL"
ALLOWED = {
    "vendor/tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "vendor/icons/tabler-icons.min.css": "@tabler/icons-webfont/dist/tabler-icons.min.css",
    "vendor/icons/fonts/tabler-icons.woff2": "@tabler/icons-webfont/dist/fonts/tabler-icons.woff2",
    "vendor/icons/fonts/tabler-icons.woff": "@tabler/icons-webfont/dist/fonts/tabler-icons.woff",
    "vendor/icons/fonts/tabler-icons.ttf": "@tabler/icons-webfont/dist/fonts/tabler-icons.ttf",
    "vendor/echarts/echarts.common.min.js": "echarts/dist/echarts.common.min.js",
    "vendor/signature_pad/signature_pad.umd.min.js": "signature_pad/dist/signature_pad.umd.min.js",
    "vendor/tom-select/tom-select.bootstrap5.min.css": "tom-select/dist/css/tom-select.bootstrap5.min.css",
    "vendor/tom-select/tom-select.complete.min.js": "tom-select/dist/js/tom-select.complete.min.js",
}
PACKAGES = Path(settings.BASE_DIR) / "node_modules"


class OnePackageFile(FileSystemStorage):
    """A storage in which each static name leads to its allowed file and to nothing else."""

    def path(self, name):
        return str(PACKAGES / ALLOWED[name])


class PackageFinder(BaseFinder):
    storage = OnePackageFile(location=PACKAGES)

    def check(self, **_named):
        return []

    def find(self, path, find_all=False, **_named):
        """The file's path; an empty list when it is not ours, which is how Django's own finders say so."""
        name = path.replace("\\", "/")
        if name not in ALLOWED or not (PACKAGES / ALLOWED[name]).is_file():
            return []
        found = str(PACKAGES / ALLOWED[name])
        return [found] if find_all else found

    def list(self, ignore_patterns):
        """Every allowed file; a missing package is an error of set-up and is said when the file is opened."""
        for name in ALLOWED:
            yield name, self.storage


def _without_source_maps(rules) -> tuple:
    """Django's rewriting rules but those for source maps; a rule is a pattern, or a pattern with its replacement."""
    kept = ((ending, tuple(rule for rule in group if SOURCE_MAP not in str(rule))) for ending, group in rules)
    return tuple((ending, group) for ending, group in kept if group)


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Names with the content's hash. Source maps, which we do not ship, are left alone instead of being missed."""

    patterns = _without_source_maps(CompressedManifestStaticFilesStorage.patterns)
